#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Requests that contradict themselves or the model: refused with exit code 2 before any worker starts; and what the result says of the others."""
import json
import re
import shutil
import struct
import subprocess
import unittest

import onnx_maker as onnx
from support import PROGRAM, SOURCE, CliTest

FIXTURES = SOURCE / "tests/fixtures"
QUICK = ["--count", "20", "--repeat", "1", "--warmup", "10ms", "--threads", "1"]


def npy(path, shape, values, code="f"):
    """A .npy file, version 1, written by hand: `code` is f (f32) or d (f64)."""
    head = f"{{'descr': '<{'f4' if code == 'f' else 'f8'}', 'fortran_order': False, 'shape': {tuple(shape)}, }}".ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(values)}{code}", *values))


class RequestsTest(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(FIXTURES / "net.onnx", self.model)
        # A worker that anybody started would leave this file.
        self.started = self.folder / "started"
        self.on = ["--on", f"sh -c 'echo >> {self.started}; exec \"$@\"' --"]

    def refused(self, *words, says, code=2):
        for command in ("bench", "verify"):
            with self.subTest(command=command, words=words):
                self.fails(command, self.model, "--engines", "fake", *words, code=code, says=says)
                self.assertFalse(self.started.exists(), "a worker was started")

    def both(self, *words, says):
        self.refused(*words, *self.on, says=says)

    def test_shapes_against_the_model(self):
        self.both("--shape", "1x4x12x20", says="input 'image' takes the shape ?x3x12x20, not 1x4x12x20")
        self.both("--shape", "3x12x20", says="input 'image' is ?x3x12x20")
        self.both("--shape", "imge=1x3x12x20", says="did you mean 'image'")

    def test_shapes_that_hold_nothing_or_are_not_there(self):
        for name, dims, says in (("zero", (0, 3), "input 'x' is 0x3: an extent of 0 leaves it without values"), ("rank", None, "input 'x' has no shape in the model")):
            port = onnx.port("x", *dims) if dims else onnx.field(1, "x") + onnx.field(2, onnx.field(1, onnx.field(1, onnx.FLOAT)))
            self.model = self.folder / f"{name}.onnx"
            self.model.write_bytes(onnx.model([onnx.node("Relu", ["x"], ["y"], "relu")], [port], [onnx.port("y")]))
            self.both(says=says)

    def free(self, name="free.onnx"):
        """A model with two named free axes."""
        (self.folder / name).write_bytes(onnx.model([onnx.node("Relu", ["x"], ["y"], "relu")], [onnx.port("x", "batch", "seq", 2)], [onnx.port("y", "batch", "seq", 2)]))
        return self.folder / name

    def test_a_free_axis_is_told_by_its_name_and_set_by_a_file(self):
        self.model = self.free()
        self.both(says="input 'x' is ?x?x2: its extent 1, 'seq', is free; give it with --shape x=?xNx2")
        npy(self.folder / "x.npy", (1, 7, 2), [0.5] * 14)
        for words in (("--input", "x=x.npy"), ("--input", "x.npy"), ("--input", "x=x.npy", "--shape", "x=1x?x2")):
            (run,) = json.loads(self.bakeoff("bench", self.model, "--engines", "fake", *words, *QUICK, "--json").stdout)["runs"]
            self.assertEqual((run["status"], run["inputs"]["layouts"]["x"]["shape"]), ("ok", [1, 7, 2]), run)
        self.both("--input", "x=x.npy", "--shape", "x=1x5x2", says="the file is 1x7x2, the input")

    def test_a_name_may_say_which_model_is_meant(self):
        self.free("other.onnx")
        words = ("--shape", "free.onnx:x=1x4x2", "--shape", f"{self.folder}/other.onnx:x=1x9x2")
        runs = json.loads(self.bakeoff("bench", self.free(), self.folder / "other.onnx", "--engines", "fake", *words, *QUICK, "--json").stdout)["runs"]
        self.assertEqual({run["model"]: run["inputs"]["layouts"]["x"]["shape"] for run in runs}, {"free": [1, 4, 2], "other": [1, 9, 2]})
        self.model = self.free()
        self.both("--shape", "fere.onnx:x=1x4x2", says="--shape fere.onnx:x: 'fere.onnx' is none of the models; they are ")
        self.both("--shape", "free.onnx:y=1x4x2", says="--shape y=1x4x2: the model has no such input")

    def test_names_of_inputs(self):
        self.both("--range", "imge=0..1", says="--range imge: the model has no such input (did you mean 'image'?)")
        npy(self.folder / "x.npy", (1, 3, 12, 20), [0.5] * 720)
        self.both("--input", "imge=x.npy", says="--input imge: the model has no such input (did you mean 'image'?)")

    def test_files_of_inputs(self):
        npy(self.folder / "small.npy", (1, 3, 12, 19), [0.5] * 684)
        self.both("--input", "image=small.npy", says="the file is 1x3x12x19, the input")
        values = [0.5] * 720
        values[20 * 12 + 41] = float("nan")
        npy(self.folder / "nan.npy", (1, 3, 12, 20), values)
        self.both("--input", "image=nan.npy", says="nan.npy: the file has NaN at [0, 1, 2, 1]")
        values[0] = float("inf")
        npy(self.folder / "inf.npy", (1, 3, 12, 20), values)
        self.both("--input", "inf.npy", says="the file has an infinite value at [0, 0, 0, 0]")
        npy(self.folder / "x.npy", (1, 3, 12, 20), [0.5] * 720)
        for name, other in (("image=", "image="), ("", "image="), ("image=", "")):
            self.both("--input", f"{name}x.npy", "--range", f"{other}0..1", says="--range and --input are both given for")

    def test_forced_nan_is_taken(self):
        npy(self.folder / "nan.npy", (1, 3, 12, 20), [float("nan")] * 720)
        self.bakeoff("bench", self.model, "--engines", "fake", "-o", "fake.shapes=1x3x12x20", "--input", "nan.npy", "--force", *QUICK, code=1)

    def test_prefixes(self):
        self.refused("--on", "no-such-command-7 x", says="--on: 'no-such-command-7' is not on the PATH")
        self.refused("--on", "", says="--on '': no command")
        self.refused("--on", "  ", says="--on '': no command")

    def test_prefix_that_fails_is_told_once(self):
        result = self.bakeoff("bench", self.model, "--engines", "fake,null", "--on", "sh -c 'echo no route to board >&2; exit 255' --", *QUICK, code=3)
        text = result.stdout + result.stderr
        self.assertEqual(text.count("no route to board"), 1, text)
        self.assertIn("fake, null on net.onnx: failed: the worker ended with exit code 255", " ".join(text.split()))

    def test_two_outputs_in_one_file(self):
        self.fails("bench", self.model, "--engines", "fake", *QUICK, "--json", "x", "--csv", "./x", says="--json and --csv name the same file")

    def test_streams_without_offline(self):
        self.fails("bench", self.model, "--engines", "fake", *QUICK, "--streams", "2", says="--streams speaks of the scenario offline")

    def test_a_model_given_twice_is_taken_once(self):
        result = self.bakeoff("bench", self.model, f"./{self.model.name}", "--engines", "fake", *QUICK, "--json")
        report = json.loads(result.stdout)
        self.assertEqual(len(report["runs"]), 1)
        self.assertIn("./net.onnx was given more than once; it is taken once", report["notes"])

    def test_f64_for_f32_is_noted(self):
        npy(self.folder / "x.npy", (1, 3, 12, 20), [i / 7 for i in range(720)], "d")
        report = json.loads(self.bakeoff("bench", self.model, "--engines", "fake", "-o", "fake.shapes=1x3x12x20", "--input", "x.npy", *QUICK, "--json").stdout)
        self.assertIn("the file holds f64, the input is f32: converted", " ".join(report["notes"]))


class ResultsTest(CliTest):
    def bench(self, *words, code=0):
        return self.bakeoff("bench", FIXTURES / "net.onnx", *words, code=code)

    def test_one_repetition_crowns_nobody(self):
        words = ("--engines", "fake,null", "--count", "50", "--warmup", "10ms", "--json", "r.json")
        result = self.bench(*words, "--repeat", "1")
        self.assertIn("fastest so far", result.stdout)
        rows = json.loads((self.folder / "r.json").read_text())["summary"]
        self.assertEqual([(row["winner"], row["leads"], row["tie"]) for row in rows], [(False, False, False), (False, True, False)])
        self.assertIn("1 repetition = 2 measurements", result.stderr)
        result = self.bench(*words, "--repeat", "2")
        self.assertRegex(result.stdout, r"(?m)fastest$")
        rows = json.loads((self.folder / "r.json").read_text())["summary"]
        self.assertEqual([(row["winner"], row["leads"]) for row in rows], [(False, False), (True, False)])

    def test_the_plan_adds_up(self):
        for repeat in (1, 3):
            text = self.bench("--engines", "fake,null", "-o", "fake.seed=1,2,3", "--count", "5", "--warmup", "1ms", "--repeat", repeat).stderr
            rows, repetitions, measurements = map(int, re.search(r"(\d+) rows? x (\d+) repetitions? = (\d+) measurements?", text).groups())
            self.assertEqual((rows, repetitions), (4, repeat))
            self.assertEqual(measurements, rows * repetitions)

    def test_offline_says_what_faster_means(self):
        result = self.bench("--engines", "fake", "--scenario", "offline,single-stream", *QUICK)
        self.assertIn("offline (faster: by samples per second)", " ".join(result.stdout.split()))

    def test_engines_that_do_not_read_it_share_a_line(self):
        formats = {row["name"]: row["formats"] for row in json.loads(self.bakeoff("engines", "--json").stdout)["engines"] if row["status"] == "present" and not row["for_testing"]}
        unread = sorted(name for name, reads in formats.items() if "ort" not in reads)
        if len(unread) < 2:
            self.skipTest("too few engines here")
        for command in ("bench", "verify"):
            result = self.bakeoff(command, FIXTURES / "net.ort", "--engines", ",".join(["fake", *unread]), *(QUICK if command == "bench" else []), code=0 if command == "bench" else 3)
            text = " ".join(result.stdout.split())
            self.assertIn(f"net.ort (ort): unsupported by {', '.join(unread)}, which read", text)
            self.assertEqual(text.count("unsupported by"), 1)
            self.assertIn("no hop leads there: nothing can be made of ort here", text)
            self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)

    def test_closed_pipe_is_quiet(self):
        process = subprocess.run(["bash", "-c", f"set -o pipefail; {PROGRAM} bench {FIXTURES / 'net.onnx'} --engines fake --count 5 --repeat 1 --json r.json | true"], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60)
        self.assertNotIn("bakeoff:", process.stderr)
        self.assertIn(process.returncode, (0, 141), process.stderr)
        self.assertEqual(len(json.loads((self.folder / "r.json").read_text())["runs"]), 1)


if __name__ == "__main__":
    unittest.main()
