#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bench`, `verify` and `eval` convert for engines that read no given format: verified, once, and never in silence."""
import csv
import hashlib
import json
import re
import shlex
import shutil
import unittest

import onnx_maker as onnx
from support import BIN, SOURCE, CliTest

FIXTURES = SOURCE / "tests/fixtures"
QUICK = ("--count", "5", "--repeat", "1", "--warmup", "10ms")
HAS = all((BIN / name).exists() for name in ("bakeoff-engine-litert", "bakeoff-engine-onnxruntime", "bakeoff-hop-onnx-tflite"))


@unittest.skipUnless(HAS, "this build lacks the engines or the hop")
class ConvertsByItself(CliTest):
    def setUp(self):
        super().setUp()
        self.bakeoff("make-model", "resnet18", "net.onnx", "--image-size", "32", "--width", "0.25", "--classes", "10")

    def bench(self, *words, model="net.onnx", code=0, engines="onnxruntime,litert"):
        """One run per engine, by name."""
        result = self.bakeoff("bench", model, "--engines", engines, *QUICK, "--json", "out.json", *words, code=code)
        runs = {run["engine"]: run for run in json.loads((self.folder / "out.json").read_text())["runs"]}
        return runs, result

    def entries(self):
        return [path for path in (self.folder / "cache/converted").iterdir() if path.name.isalnum()]

    def test_the_row_says_what_was_made_and_how_it_was_proven(self):
        runs, result = self.bench("--csv", "out.csv")
        self.assertIsNone(runs["onnxruntime"]["conversion"])
        run = runs["litert"]
        self.assertEqual((run["status"], run["format"], run["check"]["verdict"]), ("ok", "tflite", "agree"))
        made = run["conversion"]
        self.assertEqual((made["source"], made["source_format"], made["route"]), ("net.onnx", "onnx", "onnx -> tflite"))
        self.assertEqual((made["status"], made["reused"]), ("verified", False))
        self.assertGreater(made["centred_sqnr_db"], 90)
        self.assertEqual(run["inputs"]["layouts"]["input"], {"assumed": False, "axes": "NHWC", "shape": [1, 32, 32, 3]})
        self.assertEqual(run["inputs"]["canonical_sha256"], runs["onnxruntime"]["inputs"]["canonical_sha256"])
        self.assertNotEqual(run["inputs"]["delivered_sha256"], runs["onnxruntime"]["inputs"]["delivered_sha256"])
        self.assertEqual(run["check"]["reference"], "onnxruntime")
        self.assertIn("tflite*", result.stdout)
        self.assertIn("verified on onnxruntime and litert", " ".join(result.stdout.split()))
        rows = {row["engine"]: row for row in csv.DictReader((self.folder / "out.csv").read_text().splitlines())}
        self.assertEqual(rows["litert"]["conversion.route"], "onnx -> tflite")

    def test_it_is_made_once(self):
        self.bench()
        (entry,) = self.entries()
        before = {path: path.stat().st_mtime_ns for path in entry.iterdir()}
        shutil.copy(self.folder / "net.onnx", self.folder / "other_name.onnx")
        runs, _ = self.bench(model="other_name.onnx")
        self.assertTrue(runs["litert"]["conversion"]["reused"])
        self.assertEqual({path: path.stat().st_mtime_ns for path in entry.iterdir()}, before)

    def test_another_model_is_another_entry(self):
        self.bench()
        self.bakeoff("make-model", "resnet18", "net.onnx", "--image-size", "32", "--width", "0.25", "--classes", "10", "--seed", "2", "--force")
        runs, _ = self.bench()
        self.assertFalse(runs["litert"]["conversion"]["reused"])
        self.assertEqual(len(self.entries()), 2)

    def test_a_damaged_entry_is_made_anew(self):
        self.bench()
        (entry,) = self.entries()
        model = entry / "model.tflite"
        whole = model.read_bytes()
        model.write_bytes(whole[:-100] + bytes(100))
        runs, _ = self.bench()
        self.assertFalse(runs["litert"]["conversion"]["reused"])
        self.assertEqual((runs["litert"]["status"], model.read_bytes()), ("ok", whole))

    def test_without_converting_the_row_has_the_line_to_type(self):
        runs, result = self.bench("--no-convert")
        self.assertEqual(runs["litert"]["status"], "unsupported")
        self.assertFalse((self.folder / "cache/converted").exists())
        advised = re.search(r"litert does not read onnx; it reads tflite; `bakeoff (.*)` makes one that it reads", runs["litert"]["error"]["text"])
        self.assertTrue(advised, runs["litert"]["error"]["text"])
        self.assertIn(f"`bakeoff {advised[1]}` makes one", " ".join(result.stdout.split()))
        self.assertIn(f"`bakeoff {advised[1]}` makes one", " ".join(self.bakeoff("verify", "net.onnx", "--engines", "onnxruntime,litert", "--no-convert", code=3).stdout.split()))
        # As it stands; and once more, now that the first name is taken.
        for name in "net.tflite", "net.2.tflite":
            self.bakeoff(*shlex.split(advised[1]))
            runs, _ = self.bench(name, "--no-convert")
            self.assertIn(("litert", "ok"), {(run["engine"], run["status"]) for run in json.loads((self.folder / "out.json").read_text())["runs"]})
            advised = re.search(r"`bakeoff (.*)` makes one", self.bench("--no-convert")[0]["litert"]["error"]["text"])
        self.assertEqual(advised[1], "convert net.onnx net.3.tflite")

    def test_a_limit_of_the_cache_that_is_no_number_is_a_usage_error(self):
        self.env["BAKEOFF_CONVERTED_MIB"] = "much"
        result = self.bakeoff("bench", "net.onnx", "--engines", "onnxruntime,litert", *QUICK, code=2)
        self.assertIn("BAKEOFF_CONVERTED_MIB=much: give a number of MiB", result.stderr)

    def test_a_given_model_that_the_engine_reads_is_not_made_again(self):
        self.bakeoff("convert", "net.onnx", "net.tflite")
        self.bakeoff("bench", "net.onnx", "net.tflite", "--engines", "onnxruntime,litert", *QUICK)
        self.assertFalse((self.folder / "cache/converted").exists())

    def test_no_way_is_said(self):
        shutil.copy(FIXTURES / "net.tflite", self.folder / "net.tflite")
        runs, _ = self.bench(model="net.tflite")
        self.assertEqual(runs["onnxruntime"]["status"], "unsupported")
        self.assertRegex(runs["onnxruntime"]["error"]["text"], r"^onnxruntime does not read tflite; it reads onnx, ort; no hop leads there: (tflite can become|nothing can be made of tflite)")

    def test_a_refusal_is_asked_for_once(self):
        # Asinh has no place in TFLite.
        nodes = [onnx.node("Asinh", ["x"], ["y"], "odd")]
        (self.folder / "odd.onnx").write_bytes(onnx.model(nodes, [onnx.port("x", 1, 4)], [onnx.port("y", 1, 4)]))
        texts = []
        for _ in range(2):
            runs, _ = self.bench(model="odd.onnx")
            self.assertEqual({name: run["status"] for name, run in runs.items()}, {"onnxruntime": "ok", "litert": "unsupported"})
            texts.append(runs["litert"]["error"]["text"])
        self.assertIn("'odd'", texts[0])
        self.assertEqual(texts[0], texts[1])
        (entry,) = self.entries()
        self.assertIn("'odd'", (entry / "refusal.txt").read_text())
        # What is read the second time is this file.
        list_path = entry / "entry.json"
        told = json.loads(list_path.read_text())
        (entry / "refusal.txt").write_text("as kept")
        told["files"] = [{"path": "refusal.txt", "bytes": 7, "sha256": hashlib.sha256(b"as kept").hexdigest()}]
        list_path.write_text(json.dumps(told))
        runs, _ = self.bench(model="odd.onnx")
        self.assertIn("as kept", runs["litert"]["error"]["text"])

    def test_verify_compares_what_it_made(self):
        rows = json.loads(self.bakeoff("verify", "net.onnx", "--engines", "litert,onnxruntime", "--json").stdout)["rows"]
        status = {row["engine"]: (row["status"], row["format"]) for row in rows}
        self.assertEqual(status, {"onnxruntime": ("reference", "onnx"), "litert": ("agree", "tflite")})

    @unittest.skipUnless((BIN / "bakeoff-hop-torch").exists(), "this build has no hop from TorchScript")
    def test_two_hops_from_a_program_that_needs_a_shape(self):
        shutil.copy(FIXTURES / "net.pt", self.folder / "net.pt")
        runs, _ = self.bench("--shape", "1x3x32x24", model="net.pt", engines="torch,litert,onnxruntime")
        self.assertEqual({run["status"] for run in runs.values()}, {"ok"})
        self.assertEqual(runs["litert"]["conversion"]["route"], "torchscript -> onnx -> tflite")
        self.assertEqual(runs["litert"]["check"]["reference"], "torch")


@unittest.skipUnless(HAS, "this build lacks the engines or the hop")
class NeverInSilence(CliTest):
    def test_wrong_answers_are_a_mismatch_without_a_number(self):
        self.bakeoff("make-model", "resnet18", "net.onnx", "--force", "--image-size", "32", "--width", "0.25", "--classes", "10")
        self.env.update(BAKEOFF_BIN=str(BIN), BAKEOFF_ENGINE_PATH=str(SOURCE / "tests/support/damaging"))
        words = ("bench", "net.onnx", "--engines", "onnxruntime,litert", *QUICK, "--json", "out.json")
        for damage, code, status in ("permute", 1, "mismatch"), ("none", 0, "ok"):
            self.env["DAMAGE"] = damage
            self.bakeoff(*words, code=code)
            runs = {run["engine"]: run for run in json.loads((self.folder / "out.json").read_text())["runs"]}
            self.assertEqual((runs["litert"]["status"], runs["onnxruntime"]["status"]), (status, "ok"))
            self.assertEqual(runs["litert"]["latency_ns"]["min"] is None, status == "mismatch")
            # What was wrong is not kept.
            kept = [path for path in (self.folder / "cache/converted").iterdir() if not path.name.endswith(".lock")]
            self.assertEqual(len(kept), 0 if status == "mismatch" else 1)


if __name__ == "__main__":
    unittest.main()
