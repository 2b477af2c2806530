#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Every command that README.md and docs/ show is executed, on small files under the names that the pages use."""
import json
import pathlib
import re
import shlex
import shutil
import struct
import tarfile
import unittest
import zipfile

from support import BIN, SOURCE, CliTest

FIXTURES = SOURCE / "tests/fixtures"
# Measuring commands get these at the end: what they show is kept, but briefly. An option given twice is an error, so only what is not there.
SHORT = {"run": {"--dry-run": ""}, "bench": {"--duration": "0.2", "--repeat": "1", "--warmup": "20ms"}, "train": {"--epochs": "1", "--image-size": "32"}}
# Models that the pages name; where two names stand in one command they are one network.
MODELS = {name: "net.onnx" for name in ("A.onnx", "net.onnx")} | {"B.tflite": "net.tflite", "net.tflite": "net.tflite"}


def commands(page):
    """The commands in the code blocks of a page: fenced, or indented by four spaces. What follows two spaces is a remark."""
    fenced = False
    for line in page.read_text().splitlines():
        if line.startswith("```"):
            fenced = not fenced
            continue
        if not (fenced or line.startswith("    ")):
            continue
        line = re.sub(r"^\$ ", "", line.strip())
        found = re.match(r"(?:build/release/bin/)?bakeoff (?! *\()(.*)", line)
        # The syntax lines of docs/cli.md end so; "bakeoff (host)" is a drawing.
        if found and not line.endswith("[options]"):
            yield re.split(r" {2,}", found[1])[0]


class Documented(CliTest):
    def setUp(self):
        super().setUp()
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        present = [row for row in engines if row["status"] == "present"]
        self.known = {row["name"] for row in engines}
        self.present = {row["name"]: row for row in present}
        # First those that read most of the formats in the examples: they take the place of "a,b".
        reads = lambda row: -len({"onnx", "tflite"} & set(row["formats"]))
        self.real = [row["name"] for row in sorted(present, key=reads) if not row["for_testing"]]
        for name, fixture in MODELS.items():
            shutil.copy(FIXTURES / fixture, self.folder / name)
        for name in ("MODEL.onnx", "model.onnx"):
            self.bakeoff("make-model", "mlp", name)
        shutil.copy(self.folder / "MODEL.onnx", self.folder / "resnet.onnx")
        self.write_npy("image.npy", (1, 784))
        self.make_data()
        self.make_classifier()
        self.make_campaigns()

    def write_npy(self, name, shape):
        head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        count = 1
        for extent in shape:
            count *= extent
        values = struct.pack(f"<{count}f", *(i % 7 for i in range(count)))
        (self.folder / name).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + values)

    def make_data(self):
        self.bakeoff("data", "make", "fruits", "--out", "flowers", "--part", "0.02")
        flowers = self.folder / "flowers"
        shutil.move(flowers / "manifest.jsonl", self.folder / "parts.jsonl")
        pictures = sorted(flowers.rglob("*.jpg"))
        with tarfile.open(self.folder / "flowers.tar.gz", "w:gz") as tar:
            tar.add(flowers, "flowers")
        with zipfile.ZipFile(self.folder / "flowers.zip", "w") as archive:
            for path in pictures:
                archive.write(path, path.relative_to(flowers))
        rows = [f"{path.relative_to(self.folder)},{path.parent.name}\n" for path in pictures]
        (self.folder / "list.csv").write_text("path,label\n" + "".join(rows))
        # CIFAR-10: a byte of label, then 32x32 red, green and blue; ten pictures a file will do.
        batches = self.folder / "cifar-10-batches-bin"
        batches.mkdir()
        for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
            seed = sum(name.encode())
            (batches / name).write_bytes(b"".join(bytes([label]) + bytes((seed * (label + 3) + 7 * i + i // 32) % 256 for i in range(3072)) for label in range(10)))
        names = "airplane automobile bird cat deer dog frog horse ship truck".split()
        (batches / "batches.meta.txt").write_text("\n".join(names) + "\n")
        with tarfile.open(self.folder / "cifar-10-binary.tar.gz", "w:gz") as tar:
            tar.add(batches, batches.name)

    def make_classifier(self):
        """A model folder as training leaves it: with classes and the parts of data that have none."""
        folder = self.folder / "classifier"
        folder.mkdir()
        shutil.move(self.folder / "parts.jsonl", folder / "manifest.jsonl")
        classes = json.loads((folder / "manifest.jsonl").read_text().splitlines()[0])["classes"]
        (self.folder / "names.txt").write_text("".join(f"{name}\n" for name in classes))
        self.bakeoff("make-model", "mobilenet_v2", folder / "net.onnx", "--width", "0.1", "--image-size", "32", "--classes", len(classes))
        shown = json.loads(self.bakeoff("inspect", folder / "net.onnx", "--json").stdout)
        ports = {key: [{"name": port["name"], "type": port["type"], "shape": [e if isinstance(e, int) else -1 for e in port["shape"]]} for port in shown[key]] for key in ("inputs", "outputs")}
        (folder / "model.json").write_text(json.dumps({"schema": 1, "name": "classifier", "format": "onnx", "file": "net.onnx", "classes": classes} | ports))

    def make_campaigns(self):
        """A store with a campaign of each name that the pages speak of; the first is number 1."""
        for name in ("before-upgrade", "before", "after"):
            self.bakeoff("bench", "net.onnx", "--engines", "fake", "--count", "10", "--repeat", "3", "--warmup", "5ms", "--name", name)
        self.bakeoff("runs", "show", "before", "--json", "baseline.json")
        self.store = self.folder / "campaigns.db"
        shutil.move(self.env["BAKEOFF_STORE"], self.store)
        demo = self.folder / "demo"
        demo.mkdir()
        shutil.copy(self.store, demo / "results.db")
        step = {"name": "latency", "stage": "measure", "status": "ok", "command": ["bakeoff", "bench", "net.onnx"], "role": "latency", "campaign": 1}
        (demo / "campaign.json").write_text(json.dumps({"schema": 1, "name": "demo", "status": "done", "steps": [step]}))

    def engine_list(self, text):
        """Those that are here; `fake` where none is. The placeholders `a` and `b` are any two."""
        asked = self.real[:2] if text == "a,b" else text.split(",")
        for name in asked:
            self.assertIn(name, self.known)
        return ",".join([name for name in asked if name in self.present] or ["fake"])

    def option(self, text, engines):
        """-o ENGINE.NAME=VALUES is kept where the engine is here, after a look whether it has the option."""
        engine, name, values = re.fullmatch(r"(\w+)\.(\w+)=(.*)", text).groups()
        if engine == "a":
            return []
        self.assertIn(engine, self.known)
        if engine not in self.present:
            return []
        self.assertIn(name, [option["name"] for option in self.present[engine].get("options", [])] or [name])
        return ["-o", text] if engine in engines or engines == "all" else []

    def adapted(self, line):
        """The words to run for a documented line: placeholders replaced, times shortened."""
        words = shlex.split(line)
        command, engines, out = words[0], "all", []
        if command in ("bench", "verify") and "--engines" not in words:
            # Without the option every engine runs; where none is, the engine for testing shows that the line is right.
            engines = "all" if self.real else "fake"
            words += ["--engines", engines]
        elif "--engines" in words:
            at = words.index("--engines") + 1
            engines = words[at] = self.engine_list(words[at])
        it = iter(words)
        for word in it:
            if command == "compare" and word.startswith("net.onnx "):
                # --live: words of `bench`, whose engine `a` is any.
                out.append(re.sub(r" -o a\.\S+", "", word).replace("--engines a", "--engines fake") + " --count 10 --warmup 5ms")
            elif command in ("runs", "compare", "report") and word in ("12", "r34"):
                out.append({"12": "1", "r34": "r1"}[word])
            elif command == "runs" and word == "--engine":
                self.assertEqual(next(it), "a")
                out += [word, "fake"]
            elif command == "report" and out[-1:] == ["--baseline"]:
                self.assertIn(word, self.known)
                out.append("fake")
            elif command == "run" and word.endswith(".yaml"):
                # What examples do is tested by tests/cli/run_check_test.py; here that the line is right.
                (self.folder / "campaign.yaml").write_text("model: net.onnx\nmeasure: {engines: fake}\nverify: false\nconvert: none\n")
                out.append("campaign.yaml")
            elif words == ["convert", "model", "--all"] and word == "model":
                out.append("classifier")
            elif command == "eval" and word in ("model", "fruits-model", "net.onnx"):
                out.append("classifier" + ("/net.onnx" if word == "net.onnx" else ""))
            elif command in ("train", "eval") and word == "fruits":
                out.append("flowers")  # a few pictures are enough
            elif word == "-o":
                out += self.option(next(it), engines)
            elif word == "--on":
                self.assertEqual(next(it), "ssh board")
                out += ["--on", "env"]
            elif word == "--shape":
                # The small model behind the placeholder takes rows of 784.
                self.assertRegex(shape := next(it), r"^input=1x3x\d+x\d+$")
                out += ["--shape", "input=1x784"]
                if engines == "fake":
                    out += ["-o", "fake.shapes=?x784"]  # it does not look at the model
            elif word in ("resnet18", "resnet50") and command == "make-model":
                out += [word, next(it), "--width", "0.125", "--image-size", "32"]
            elif words[:2] == ["data", "make"] and word == words[2] and len(out) == 2:
                out += [word, "--part", "0.02"]
            elif words[:2] == ["data", "import"] and len(out) == 3:
                out.append(f"new-{word}")
            else:
                out.append(word)
        if "--budget" in out:
            out[out.index("--budget") + 1] = "20s"
        for option, value in SHORT.get(command, {}).items():
            if option == "--duration" and "--budget" in out:
                continue
            if option not in out:
                out += [option, value] if value else [option]
            elif option == "--duration":
                out[out.index(option) + 1] = value
        return out

    def expected(self, words):
        """0, but 3 from a verify for whose models this build has no two answers to compare, from train where it is not built, and from eval and convert without an engine."""
        if words[0] in ("eval", "convert"):
            return 0 if any("onnx" in self.present[name]["formats"] for name in self.real) else 3
        if words[0] == "train":
            return 0 if (BIN / "bakeoff-train").exists() else 3
        if words[0] == "compare":
            return 0, 1, 5  # what the machine measures: no worse, worse, or too unsteady to tell
        if words[0] != "verify":
            return 0
        engines = words[words.index("--engines") + 1]
        models = [word.rpartition(".")[2] for word in words[1:] if word in MODELS or word in ("MODEL.onnx", "model.onnx")]
        answers = [sum(model in self.present[name]["formats"] for name in self.real if engines == "all" or name in engines.split(",")) for model in models]
        return 0 if answers and min(answers) > 0 and sum(answers) > 1 else 3

    def test_every_command_runs(self):
        pages = [SOURCE / "README.md", *sorted((SOURCE / "docs").glob("*.md"))]
        seen = {}
        for page in pages:
            for line in commands(page):
                seen.setdefault(line, page.name)
        self.assertGreater(len(seen), 20, "the pages' code blocks were not understood")
        for line, page in seen.items():
            with self.subTest(page=page, line=line):
                # A redirection is the shell's; an interactive evaluation prints what it would evaluate.
                words = self.adapted(re.sub(r" > [^\"\s]+$", "", line))
                store = pathlib.Path(self.env["BAKEOFF_STORE"])
                store.unlink(missing_ok=True)
                if words[0] in ("runs", "compare", "report"):
                    shutil.copy(self.store, store)
                self.bakeoff(*words, code=self.expected(words), timeout=400)
                # What a line made must not be in the way of the same name in another line.
                for made in ("fruits", "new-flowers", "new-cifar10"):
                    shutil.rmtree(self.folder / made, ignore_errors=True)
                if words[0] == "convert":
                    made = self.folder / words[2]
                    for file in (made, made.with_suffix(".bin"), made.with_name(made.name + ".conversion.json")):
                        file.unlink(missing_ok=True)


if __name__ == "__main__":
    unittest.main()
