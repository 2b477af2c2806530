# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Models that their own runtime refuses, through `bakeoff bench`: a row with the runtime's words, shortened, and ours around them."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from keras_test import with_custom_layer
from worker_client import BIN, FIXTURES


class Rows(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def refused(self, engine, model, *words, says, code="unsupported"):
        """The row of the engine; `says` are ours and the runtime's words."""
        if not (BIN / f"bakeoff-engine-{engine}").exists():
            self.skipTest(f"the engine {engine} is not here")
        command = [BIN / "bakeoff", "bench", model, "--engines", f"{engine},null", "--count", "5", "--repeat", "1", "--warmup", "1ms", "--threads", "1", *words]
        result = subprocess.run([*command, "--json", "r.json"], cwd=self.folder, capture_output=True, text=True, timeout=120,
                                env={**os.environ, "BAKEOFF_CACHE": str(self.folder / "cache"), "TF_CPP_MIN_LOG_LEVEL": "0"})
        runs = {run["engine"]: run for run in json.loads((self.folder / "r.json").read_text())["runs"]}
        self.assertEqual(runs["null"]["status"], "ok", "the premise: a healthy engine is measured beside it")
        error = runs[engine]["error"]
        self.assertEqual((runs[engine]["status"], error["code"]), ("unsupported" if code == "unsupported" else "failed", code), error)
        self.assertEqual(result.returncode, 0 if code == "unsupported" else 3, result.stderr)
        for part in (pathlib.Path(model).name, *says):
            self.assertIn(part, error["text"])
        self.assertLess(len(error["text"]), 600)
        for noise in ("\n", "Traceback", "File \"", "Exception raised from"):
            self.assertNotIn(noise, error["text"])
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)
        # The console has the whole of it, whatever the engine wrote to stderr on its way.
        self.assertIn("".join(error["text"].split()), "".join(result.stdout.split()))

    def test_savedmodel_without_the_tag(self):
        self.refused("tensorflow", FIXTURES / "untagged.savedmodel", says=["no graph is tagged 'serve'", "'train'", "-o tensorflow.tags="])

    def test_savedmodel_without_the_signature(self):
        model = self.folder / "other.savedmodel"
        shutil.copytree(FIXTURES / "net.savedmodel", model)
        graph = (model / "saved_model.pb").read_bytes()
        self.assertIn(b"serving_default", graph)
        # As long as the word it replaces: the lengths around it stay right.
        (model / "saved_model.pb").write_bytes(graph.replace(b"serving_default", b"serving_somehow"))
        self.refused("tensorflow", model, says=["has no signature 'serving_default'", "explain, serving_somehow", "-o tensorflow.signature="])
        self.refused("keras", model, says=["has no signature 'serving_default'", "serving_somehow", "-o keras.signature="])

    def test_tflite_with_a_custom_operator(self):
        model = FIXTURES / "custom.tflite"
        self.refused("litert", model, says=["needs custom operator BesselI0e", "Encountered unresolved custom op: BesselI0e"])
        self.refused("openvino", model, says=["has no operator BesselI0e", "No translator found for BesselI0e"])

    def test_torchscript_without_its_operator_library(self):
        self.refused("torch", FIXTURES / "absent_operator.pt", "--shape", "1x4", "-o", "null.shapes=?x4", says=["needs operator 'stranger::twice'", "no part of LibTorch", "Unknown builtin op: stranger::twice"])

    def test_keras_with_a_custom_layer(self):
        model = self.folder / "custom.keras"
        with_custom_layer(model)
        self.refused("keras", model, says=["Python code that is not in the file", "model.export()", "Could not locate class 'OddHead'"])

    def test_truncated_files(self):
        for engine, name in (("litert", "net.tflite"), ("onnxruntime", "net.ort"), ("keras", "net.h5")):
            with self.subTest(engine=engine):
                cut = self.folder / f"cut.{name.partition('.')[2]}"
                whole = (FIXTURES / name).read_bytes()
                cut.write_bytes(whole[: len(whole) // 2])
                self.refused(engine, cut, says=[], code="invalid_model")


if __name__ == "__main__":
    unittest.main()
