#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff make-model` and `bakeoff inspect` on the real binary."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BAKEOFF = str(pathlib.Path(os.environ["BAKEOFF_BIN"]) / "bakeoff")

FIXTURES = pathlib.Path(os.environ.get("BAKEOFF_SOURCE", pathlib.Path(__file__).resolve().parents[2])) / "tests" / "fixtures"

# What `inspect` prints for the model `multi`; {path} is the file.
MULTI = """\
model          {path}
format         ONNX, {size} kB
producer       bakeoff
opset          ai.onnx 17; IR 8
input          ids i64 [batch, 8]
input          features f32 [batch, 16]
output         scores f32 [batch, 5]
output         embedding f32 [batch, 32]
parameters     6.66 k (f32 26.6 kB)
multiply-adds  3.39 k for features=1x16, ids=1x8
quantised      no
operators      6 in all: Gemm 2, Concat 1, Gather 1, ReduceMean 1, Relu 1
"""


def run(*arguments):
    return subprocess.run([BAKEOFF, *map(str, arguments)], capture_output=True, text=True, timeout=300)


class Inspect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.path = pathlib.Path(cls.folder.name)
        for name in ("mlp", "multi"):
            made = run("make-model", name, cls.path / f"{name}.onnx", "--seed", 1)
            assert made.returncode == 0, made.stderr
            assert made.stdout == "", "words go to stderr"

    def refused(self, code, *arguments):
        done = run(*arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.splitlines()[-1].startswith("bakeoff: "), done.stderr)
        return done.stderr

    def test_text(self):
        path = self.path / "multi.onnx"
        done = run("inspect", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        # The path may be wrapped; nothing else is wide.
        wanted = MULTI.format(path="", size=f"{path.stat().st_size / 1000:.1f}").splitlines()[1:]
        shown = done.stdout.splitlines()
        self.assertEqual(shown[-len(wanted):], wanted)
        self.assertTrue(all(len(line) <= 80 for line in shown))

    def test_json(self):
        done = run("inspect", self.path / "mlp.onnx", "--batch", 4, "--json")
        facts = json.loads(done.stdout)
        self.assertEqual(facts["inputs"], [{"name": "input", "type": "f32", "shape": ["batch", 784]}])
        self.assertEqual(facts["operators"], {"Gemm": 3, "Relu": 2})
        weights = 784 * 512 + 512 * 256 + 256 * 10
        self.assertEqual(facts["multiply_adds"], 4 * weights)
        self.assertEqual(facts["multiply_adds_for"], {"input": [4, 784]})
        self.assertEqual(facts["parameters"], weights + 512 + 256 + 10)
        self.assertEqual(facts["weight_bytes"], 4 * facts["parameters"])
        self.assertEqual((facts["opsets"], facts["ir_version"], facts["quantised"]), ({"ai.onnx": 17}, 8, False))
        self.assertEqual(facts["bytes"], (self.path / "mlp.onnx").stat().st_size)

    def test_shape_without_a_name(self):
        done = run("inspect", self.path / "mlp.onnx", "--shape", "2x784", "--json")
        self.assertEqual(json.loads(done.stdout)["multiply_adds_for"], {"input": [2, 784]})
        text = self.refused(2, "inspect", self.path / "multi.onnx", "--shape", "2x784")
        self.assertIn("2 inputs", text)

    def test_shapes_that_do_not_fit_fail(self):
        self.assertIn("axis 1 is fixed", self.refused(2, "inspect", self.path / "mlp.onnx", "--shape", "input=1x785"))
        self.assertIn("did you mean 'input'", self.refused(2, "inspect", self.path / "mlp.onnx", "--shape", "inputs=1x784"))

    def test_broken_models_fail(self):
        whole = (self.path / "mlp.onnx").read_bytes()
        for name, content in (("cut", whole[:1000]), ("empty", b""), ("text", b"no model\n")):
            broken = self.path / f"{name}.onnx"
            broken.write_bytes(content)
            self.assertIn(broken.name, self.refused(3, "inspect", broken))
        self.refused(2, "inspect", self.path / "absent.onnx")

    def test_external_data_that_is_missing_fails(self):
        model = self.path / "split.onnx"
        run("make-model", "mlp", model, "--external-data")
        self.assertEqual(json.loads(run("inspect", model, "--json").stdout)["bytes"],
                         model.stat().st_size + (self.path / "split.onnx.data").stat().st_size)
        (self.path / "split.onnx.data").unlink()
        text = self.refused(3, "inspect", model)
        self.assertIn("split.onnx.data", text)
        self.assertIn("tensor 'fc1.weight'", text)


class OtherFormats(unittest.TestCase):
    """Files that bakeoff reads itself: no engine needs to be present."""

    def facts(self, *arguments):
        done = run("inspect", *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_same_network_same_figures(self):
        wanted = self.facts(FIXTURES / "net.onnx", "--batch", 3)
        self.assertGreater(wanted["multiply_adds"], 0)
        for name, extra in (("net.tflite", 0), ("net_plain.tflite", 0), ("net_int8.tflite", 0), ("net.xml", 1), ("net.ort", 0),
                            ("net.pb", 0), ("net.savedmodel", 0)):
            with self.subTest(name):
                facts = self.facts(FIXTURES / name, "--batch", 3)
                self.assertEqual(facts["multiply_adds"], wanted["multiply_adds"])
                self.assertEqual(facts["parameters"], wanted["parameters"] + extra)
                self.assertEqual(facts["quantised"], "int8" in name)
                self.assertEqual(facts["read_by"], "bakeoff")

    def test_size_has_the_weights_beside_the_file(self):
        self.assertEqual(self.facts(FIXTURES / "net.xml")["bytes"], sum((FIXTURES / name).stat().st_size for name in ("net.xml", "net.bin")))
        files = [file for file in (FIXTURES / "net.savedmodel").rglob("*") if file.is_file()]
        self.assertEqual(self.facts(FIXTURES / "net.savedmodel")["bytes"], sum(file.stat().st_size for file in files))

    def test_engines_tell_what_bakeoff_does_not_read(self):
        told = json.loads(subprocess.run([BAKEOFF, "engines", "--json"], capture_output=True, text=True, timeout=60, check=True).stdout)
        present = {row["name"] for row in told["engines"] if row["status"] == "present"}
        wanted = self.facts(FIXTURES / "net.onnx", "--batch", 3)
        # The network of the fixtures, in the words of each format.
        layers = {"Conv2D": 2, "Dense": 1, "MaxPooling2D": 1}
        cases = (("torch", "net.pt", ("--shape", "3x3x12x20"), {"aten::relu": 2, "aten::linear": 1}),
                 ("keras", "net.keras", ("--batch", 3), layers), ("keras", "net.h5", ("--batch", 3), layers),
                 ("torch-eager", "net.pt2", ("--batch", 3), {"aten.conv2d": 2, "aten.linear": 1}))
        for engine, name, words, operators in cases:
            if engine not in present:
                continue
            with self.subTest(name):
                facts = self.facts(FIXTURES / name, *words)
                self.assertEqual(facts["read_by"], engine)
                self.assertEqual(facts["multiply_adds"], wanted["multiply_adds"])
                self.assertEqual(facts["parameters"], wanted["parameters"])
                self.assertEqual(facts["weight_bytes"], 4 * wanted["parameters"])
                self.assertFalse(facts["quantised"])
                self.assertEqual(list(facts["multiply_adds_for"].values())[0][0], 3)
                self.assertEqual({name: facts["operators"].get(name) for name in operators}, operators, facts["operators"])
                self.assertEqual(facts["outputs"][0]["shape"][-1], 10)

    def test_torchscript_without_a_shape(self):
        told = json.loads(subprocess.run([BAKEOFF, "engines", "--json"], capture_output=True, text=True, timeout=60, check=True).stdout)
        if not any(row["name"] == "torch" and row["status"] == "present" for row in told["engines"]):
            self.skipTest("the engine torch is not here")
        facts = self.facts(FIXTURES / "net.pt")
        self.assertEqual(facts["parameters"], self.facts(FIXTURES / "net.onnx")["parameters"])
        self.assertEqual([port["name"] for port in facts["inputs"]], ["image"])
        self.assertIsNone(facts["inputs"][0]["shape"])
        self.assertIsNone(facts["multiply_adds"])
        self.assertTrue(any("--shape" in note for note in facts["notes"]), facts["notes"])

    def test_what_is_not_counted_is_said(self):
        notes = self.facts(FIXTURES / "custom.tflite")["notes"]
        self.assertTrue(any("BesselI0e" in note for note in notes), notes)

    def test_text_fits(self):
        for name in ("net.tflite", "net.xml", "net.ort", "net.pb", "net.savedmodel"):
            done = run("inspect", FIXTURES / name)
            self.assertEqual(done.returncode, 0, done.stderr)
            # A path that is longer than a line is not cut.
            self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines() if str(FIXTURES) not in line), done.stdout)

    def test_cut_short_fails(self):
        with tempfile.TemporaryDirectory() as name:
            for fixture in ("net.tflite", "net.xml", "net.ort", "net.pb"):
                broken = pathlib.Path(name) / fixture
                broken.write_bytes((FIXTURES / fixture).read_bytes()[:3000])
                done = run("inspect", broken)
                self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
                self.assertIn(fixture, done.stderr)

    def test_model_folder(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "net.onnx").write_bytes((FIXTURES / "net.onnx").read_bytes())
            (folder / "model.json").write_text(json.dumps({
                "schema": 1, "name": "letters", "format": "onnx", "file": "net.onnx", "classes": list("abcdefghij"),
                "inputs": [{"name": "image", "type": "f32", "shape": [-1, 3, 12, 20], "layout": "NCHW"}],
                "outputs": [{"name": "logits", "type": "f32", "shape": [-1, 10], "layout": "NC"}],
                "metrics": {"validation_top1": 0.75}}))
            facts = self.facts(folder)
            self.assertEqual(facts["folder"]["classes"], list("abcdefghij"))
            self.assertEqual(facts["folder"]["metrics"], {"validation_top1": 0.75})
            (folder / "other.bin").write_bytes(bytes(100_000))
            self.assertEqual(self.facts(folder)["bytes"], (FIXTURES / "net.onnx").stat().st_size)
            self.assertEqual(facts["multiply_adds"], self.facts(FIXTURES / "net.onnx")["multiply_adds"])
            shown = run("inspect", folder).stdout
            self.assertIn("10: a, b, c", shown)
            self.assertIn("validation_top1 0.75", shown)
            # Numbers are shown; what has an entry for each class, or a matrix of them, is for --json.
            model = json.loads((folder / "model.json").read_text())
            part = {"top1": 0.9123456, "top5": None, "macro_f1": 0.5, "classes": [{"name": "a", "f1": 0.123}], "confusion": [[7, 8], [9, 6]]}
            for metrics, says in (({"best_epoch": 3, "test": part}, "best_epoch 3 test: top1 0.9123, macro_f1 0.5"), (None, "none are recorded"), ({}, "none are recorded")):
                (folder / "model.json").write_text(json.dumps(model | {"metrics": metrics}))
                shown = " ".join(run("inspect", folder).stdout.split())
                self.assertIn(f"metrics {says}", shown)
                self.assertNotIn("[[", shown)
                self.assertEqual(self.facts(folder)["folder"]["metrics"], metrics)
            del model["metrics"]
            (folder / "model.json").write_text(json.dumps(model))
            self.assertIn("none are recorded", run("inspect", folder).stdout)


class MakeModel(unittest.TestCase):
    def test_same_seed_same_file(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for file, seed in (("a", 7), ("b", 7), ("c", 8)):
                run("make-model", "mlp", folder / f"{file}.onnx", "--seed", seed)
            a, b, c = ((folder / f"{file}.onnx").read_bytes() for file in "abc")
            self.assertEqual(a, b)
            self.assertNotEqual(a, c)

    def test_wrong_arguments_fail(self):
        with tempfile.TemporaryDirectory() as name:
            out = pathlib.Path(name) / "m.onnx"
            for arguments, says in (
                (("resnet19", out), "did you mean 'resnet18'"),
                (("mlp", out.with_suffix(".tflite")), "must end in .onnx"),
                (("mlp", out, "--batch", "0"), "--batch"),
                (("mlp", out, "--width", "0"), "width"),
                (("resnet18", out, "--image-size", "8"), "image size 8"),
            ):
                done = run("make-model", *arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(says, done.stderr)
                self.assertEqual(list(pathlib.Path(name).iterdir()), [])
            # A folder of our own: another program may have made any other that should be absent.
            done = run("make-model", "mlp", out.parent / "absent" / "m.onnx")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("absent/m.onnx: no such folder: ", done.stderr)
            self.assertEqual(list(pathlib.Path(name).iterdir()), [])
            # What is there stays, unless it is to be replaced.
            out.write_text("mine")
            done = run("make-model", "mlp", out)
            self.assertEqual((done.returncode, out.read_text()), (2, "mine"), done.stderr)
            self.assertIn("exists already; --force replaces it", done.stderr)
            self.assertEqual(run("make-model", "mlp", out, "--force").returncode, 0)
            self.assertNotEqual(out.read_bytes(), b"mine")

    def test_left_out_of_the_short_help(self):
        self.assertNotIn("make-model", run("--help").stdout)
        self.assertIn("inspect", run("--help").stdout)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
