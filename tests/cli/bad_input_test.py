#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Files that cannot be read, models that no engine can run, disks that are full: a short error that says what, where and what to do, and its exit code."""
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import unittest

from support import BIN, PROGRAM, SOURCE, CliTest

FIXTURES = SOURCE / "tests/fixtures"
QUICK = ["--count", "5", "--repeat", "1", "--warmup", "1ms", "--threads", "1"]


def field(number, value):
    """One field of a protobuf message: a varint (below 128) or bytes."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    value = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2, len(value)]) + value


def model_with_weights_outside(location):
    """ONNX: y = x + w, for four numbers, with w in the file `location`."""
    values = [field(1, name) + field(2, field(1, field(1, 1) + field(2, field(1, field(1, 4))))) for name in ("x", "y")]
    outside = field(13, field(1, "location") + field(2, location))
    graph = field(1, field(1, "x") + field(1, "w") + field(2, "y") + field(3, "add") + field(4, "Add")) + field(2, "g")
    graph += field(5, field(1, 4) + field(2, 1) + field(8, "w") + outside + field(14, 1)) + field(11, values[0]) + field(12, values[1])
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


class Files(CliTest):
    """What the host refuses by itself, whatever the engine and the command that reads the model."""

    def setUp(self):
        super().setUp()
        shutil.copy(FIXTURES / "net.onnx", self.folder / "net.onnx")

    def refused(self, name, *says, code=3):
        for command in (("bench", name, "--engines", "fake"), ("verify", name, "--engines", "fake"), ("inspect", name)):
            with self.subTest(command=command):
                result = self.fails(*command, code=code, says=f"bakeoff: {name}: ")
                for words in says:
                    self.assertIn(words, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1)
                self.assertLess(len(result.stderr), 300)

    def test_absent(self):
        for name in ("absent.onnx", "no/such/net.onnx", "net.onnx/inner.onnx"):
            self.refused(name, "no such file or folder", code=2)

    def test_not_a_model(self):
        (self.folder / "text.onnx").write_text("no model at all\n")
        self.refused("text.onnx", "not ONNX, though its name says so")
        (self.folder / "empty.onnx").write_bytes(b"")
        self.refused("empty.onnx", "an empty file")
        (self.folder / "empty").mkdir()
        self.refused("empty", "a folder with neither model.json (model folder) nor saved_model.pb (SavedModel) in it; name a model", code=2)

    def test_a_name_that_is_no_text(self):
        name = os.fsencode(self.folder) + b"/caf\xe9.onnx"
        shutil.copy(self.folder / "net.onnx", name)
        for words in (("bench", "--engines", "fake"), ("verify",), ("inspect",), ("convert", "x.xml")):
            result = subprocess.run([PROGRAM, words[0], name, *words[1:]], capture_output=True, cwd=self.folder, env=self.env, timeout=60)
            self.assertEqual((result.returncode, result.stdout), (2, b""), result.stderr)
            self.assertIn(rb"caf\xe9.onnx: the name is no UTF-8 text", result.stderr)
        result = subprocess.run([PROGRAM, "convert", "net.onnx", b"caf\xe9.xml"], capture_output=True, cwd=self.folder, env=self.env, timeout=60)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn(rb"caf\xe9.xml: the name is no UTF-8 text", result.stderr)

    def test_control_characters_in_a_name_reach_no_terminal(self):
        shutil.copy(self.folder / "net.onnx", self.folder / "a\x1b[2J\nb.onnx")
        result = self.bakeoff("bench", "a\x1b[2J\nb.onnx", "--engines", "fake", "--count", "50", "--repeat", "1", "--threads", "1", "--markdown", "t.md")
        for text in (result.stdout, result.stderr, (self.folder / "t.md").read_text()):
            self.assertNotIn("\x1b", text)
        self.assertIn(r"a\x1b[2J\nb, single-stream", result.stdout)
        self.assertIn(r"### a\x1b[2J\nb, single-stream", (self.folder / "t.md").read_text())
        shown = self.bakeoff("inspect", "a\x1b[2J\nb.onnx").stdout
        self.assertIn(r"a\x1b[2J\nb.onnx", shown)
        self.assertNotIn("\x1b", self.fails("inspect", "no\x1bsuch.onnx").stderr)

    def test_truncated(self):
        whole = (self.folder / "net.onnx").read_bytes()
        (self.folder / "cut.onnx").write_bytes(whole[:-200])
        self.refused("cut.onnx", "an ONNX model that is cut short: ", " bytes are missing at its end; copy it again")
        for name in ("net.pt", "net.keras"):
            cut = f"cut.{name.rpartition('.')[2]}"
            (self.folder / cut).write_bytes((FIXTURES / name).read_bytes()[:-200])
            self.refused(cut, "cut short", "copy it again")

    def test_wrong_extension(self):
        for source, name, says in (
            ("net.tflite", "lite.onnx", "its name says ONNX, its content is TensorFlow Lite; rename it to end in .tflite"),
            ("net.pt", "torch.onnx", "its name says ONNX, its content is TorchScript; rename it to end in .pt"),
            ("net.onnx", "onnx.tflite", "its name says TensorFlow Lite, its content is ONNX; rename it to end in .onnx"),
        ):
            shutil.copy(FIXTURES / source, self.folder / name)
            self.refused(name, says)

    def test_unreadable(self):
        os.symlink("loop.onnx", self.folder / "loop.onnx")
        self.refused("loop.onnx", "cannot be read: Too many levels of symbolic links")
        (self.folder / "net.onnx").chmod(0)
        # Root reads it all the same, unless it gives up that right.
        prefix = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
        if prefix and subprocess.run([*prefix, "cat", self.folder / "net.onnx"], capture_output=True).returncode == 0:
            self.skipTest("this root cannot give up reading what it may not")
        for command in ("bench", "verify", "inspect"):
            result = subprocess.run([*prefix, PROGRAM, command, "net.onnx"], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60)
            self.assertEqual((result.returncode, result.stderr), (3, "bakeoff: net.onnx: cannot open: Permission denied\n"))


class Sizes(CliTest):
    def test_inputs_beyond_all_memory(self):
        self.bakeoff("bench", FIXTURES / "net.onnx", "--engines", "fake", "-o", "fake.shapes=?x3x12x20", *QUICK, "--batch", "2")
        for words in (["--batch", "1048576", "-o", "fake.shapes=?x3x224x224"], ["--shape", "99999999999x3x12x20", "-o", "fake.shapes=?x3x12x20"]):
            result = self.bakeoff("bench", FIXTURES / "net.onnx", "--engines", "fake", *words, *QUICK, code=2)
            self.assertRegex(result.stderr, r"input 'input' of shape \d+x3x.* takes .* GiB, at most 8 GiB are possible; ask for less with --batch or --shape")


class Rows(CliTest):
    """What only an engine can tell is in its row, whichever engine it is; a healthy engine beside it is measured."""

    def setUp(self):
        super().setUp()
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        self.engines = [row["name"] for row in engines if row["status"] == "present" and not row["for_testing"] and "onnx" in row["formats"]]
        if not self.engines:
            self.skipTest("no engine here reads ONNX")

    def rows(self, name, code):
        result = self.bakeoff("bench", name, "--engines", ",".join([*self.engines, "null"]), *QUICK, "--json", "r.json", code=code)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80, result.stdout)
        runs = {run["engine"]: run for run in json.loads((self.folder / "r.json").read_text())["runs"]}
        self.assertEqual(runs.pop("null")["status"], "ok")
        self.assertEqual(sorted(runs), sorted(self.engines))
        for run in runs.values():
            self.assertLess(len(run["error"]["text"]), 600)
            self.assertNotIn("\n", run["error"]["text"])
            self.assertEqual((run["samples"], run["throughput_per_s"]), (0, None))
        return runs

    def test_weights_outside_that_are_missing(self):
        (self.folder / "outside.onnx").write_bytes(model_with_weights_outside("w.bin"))
        for engine, run in self.rows("outside.onnx", 3).items():
            with self.subTest(engine=engine):
                self.assertEqual((run["status"], run["error"]["code"]), ("failed", "not_found"))
                for words in ("outside.onnx", "w.bin"):
                    self.assertIn(words, run["error"]["text"])
                self.assertRegex(run["error"]["text"], "bring (them|that file) too$")
        # The premise: that file is all that it lacks.
        (self.folder / "w.bin").write_bytes(bytes(16))
        self.bakeoff("bench", "outside.onnx", "--engines", self.engines[0], *QUICK)

    def test_operator_that_the_engine_lacks(self):
        model = (FIXTURES / "net.onnx").read_bytes()
        self.assertIn(b"Relu", model)
        (self.folder / "odd.onnx").write_bytes(model.replace(b"Relu", b"Wibl"))
        # Unsupported is no failure beside a row that is ok.
        for engine, run in self.rows("odd.onnx", 0).items():
            with self.subTest(engine=engine):
                self.assertEqual((run["status"], run["error"]["code"]), ("unsupported", "unsupported"))
                for words in ("odd.onnx", "operator", "Wibl"):
                    self.assertIn(words, run["error"]["text"])

    def test_shapes_that_contradict_each_other_inside_the_model(self):
        model = (FIXTURES / "net.onnx").read_bytes()
        dims = b"\x0a\x02\x08\x03\x0a\x02\x08\x0c\x0a\x02\x08\x14"  # 3 x 12 x 20
        self.assertEqual(model.count(dims), 1)
        (self.folder / "odd.onnx").write_bytes(model.replace(dims, b"\x0a\x02\x08\x04" + dims[4:]))
        for engine, run in self.rows("odd.onnx", 3).items():
            with self.subTest(engine=engine):
                self.assertIn(run["status"], ("failed", "unsupported"))
                # The runtime's own words with ours around them, and none of its source positions.
                self.assertRegex(run["error"]["text"], r"^(odd\.onnx|inference): .*(4|Conv)")
                self.assertNotRegex(run["error"]["text"], r"\.(cpp|hpp|cc|h):\d|in function|Exception from")


class FullDisk(CliTest):
    """Results, models and data that do not fit: the file is named, no half of it is left, and what fits is written."""

    SAYS = "No space left on device; free some space there or name another place"

    def test_every_table_of_bench(self):
        model = FIXTURES / "net.onnx"
        for option in ("--json", "--csv", "--markdown"):
            with self.subTest(option=option):
                others = [word for other in ("--json", "--csv", "--markdown") if other != option for word in (other, f"kept{option}{other}")]
                result = self.bakeoff("bench", model, "--engines", "fake", *QUICK, option, "/dev/full", *others, code=3)
                self.assertIn(f"bakeoff: /dev/full: cannot write: {self.SAYS}", result.stderr)
                self.assertIn("1/s", result.stdout, "the console table is printed all the same")
                for other in others[1::2]:
                    self.assertGreater((self.folder / other).stat().st_size, 100)
                with open("/dev/full", "w") as full:
                    result = self.bakeoff("bench", model, "--engines", "fake", *QUICK, option, code=3, stdout=full)
                self.assertIn("bakeoff: cannot write to stdout: No space left on device", result.stderr)

    def test_json_of_the_other_commands(self):
        for words in (("verify", FIXTURES / "net.onnx", "--engines", "fake"), ("inspect", FIXTURES / "net.onnx"), ("engines",)):
            with self.subTest(words=words):
                result = self.bakeoff(*words, "--json", "/dev/full", code=3)
                self.assertIn(f"bakeoff: /dev/full: cannot write: {self.SAYS}", result.stderr)

    def test_models_and_data(self):
        disk = self.small_disk(48)
        for words in (("make-model", "mlp", disk / "net.onnx"), ("data", "make", "shapes", "--out", disk / "shapes", "--seed", "1")):
            with self.subTest(words=words):
                result = self.fails(*words, code=3, says=self.SAYS) if words[0] == "data" else self.bakeoff(*words, code=3)
                self.assertIn(self.SAYS, result.stderr)
                self.assertIn(str(disk), result.stderr)
                self.assertEqual(os.listdir(disk), [])

    def test_conversions(self):
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        if not any(row["status"] == "present" and not row["for_testing"] and "onnx" in row["formats"] for row in engines):
            self.skipTest("no engine here could verify a conversion, and nothing is written that was not verified")
        self.bakeoff("make-model", "mlp", "net.onnx")
        disk = self.small_disk(48)
        for name, ending, words in (("openvino", "net.xml", ()), ("onnx-tflite", "net.tflite", ()), ("onnx-savedmodel", "net.sm", ("--to", "savedmodel"))):
            if not (BIN / f"bakeoff-hop-{name}").exists():
                continue
            with self.subTest(to=name):
                result = self.bakeoff("convert", "net.onnx", disk / ending, *words, code=3)
                self.assertIn(self.SAYS, " ".join(result.stdout.split()))
                self.assertIn(f"nothing was written to {disk / ending}", " ".join(result.stdout.split()))
                self.assertEqual(os.listdir(disk), [])

    def test_a_writer_that_fails_after_some_bytes(self):
        # Needs no disk of its own: no file of the process may grow beyond this.
        process = self.start("make-model", "mlp", "net.onnx", text=True, restore_signals=False,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)))
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, err)
        self.assertIn("net.onnx: File too large", err)
        self.assertEqual([name for name in os.listdir(self.folder) if "net.onnx" in name], [])

    def test_a_signal_in_the_middle_of_a_file_leaves_nothing(self):
        # Pipes in place of the temporary files: what nobody reads stops the writer in the middle.
        for words, unfinished in ((), "net.onnx"), (("--external-data",), "net.onnx.data"):
            for number in signal.SIGINT, signal.SIGTERM:
                with self.subTest(words=words, signal=number):
                    process = self.start("make-model", "mlp", "net.onnx", *words, text=True, preexec_fn=lambda name=unfinished: os.mkfifo(f"{name}.tmp{os.getpid()}"))
                    self.addCleanup(process.kill)
                    reader = os.open(self.folder / f"{unfinished}.tmp{process.pid}", os.O_RDONLY | os.O_NONBLOCK)
                    self.addCleanup(os.close, reader)
                    self.assertTrue(select.select([reader], [], [], 60)[0] and os.read(reader, 1), "the premise: it writes there")
                    process.send_signal(number)
                    _, err = process.communicate(timeout=60)
                    self.assertEqual(process.returncode, 128 + number, err)
                    self.assertEqual([name for name in os.listdir(self.folder) if "net.onnx" in name], [])


if __name__ == "__main__":
    unittest.main()
