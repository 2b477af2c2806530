#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""One network in every format in one call: every engine that is present, one table, equal answers; a model that tells no shapes takes a sibling's."""
import json
import unittest

from support import SOURCE, CliTest

FIXTURES = SOURCE / "tests/fixtures"
FILES = {"onnx": "net.onnx", "openvino": "net.xml", "torchscript": "net.pt", "savedmodel": "net.savedmodel", "tflite": "net.tflite", "keras": "net.keras"}
QUICK = ["--threads", "1", "--count", "10", "--repeat", "1", "--warmup", "20ms"]


class NetworkTest(CliTest):
    def setUp(self):
        super().setUp()
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        self.engines = {row["name"]: row["formats"] for row in engines if row["status"] == "present" and not row["for_testing"]}

    def read(self, *formats):
        """Formats that some engine here reads, or the test is skipped."""
        for wanted in formats:
            if not any(wanted in reads for reads in self.engines.values()):
                self.skipTest(f"no engine here reads {wanted}")
        return [FIXTURES / FILES[name] for name in formats]

    def bench(self, *words, code=0):
        return json.loads(self.bakeoff("bench", *words, *QUICK, "--no-convert", "--json", code=code, timeout=300).stdout)

    def test_every_engine_is_ok_in_one_table_without_a_shape(self):
        if not self.engines:
            self.skipTest("no engine here but those for testing")
        result = self.bakeoff("bench", *(FIXTURES / name for name in FILES.values()), *QUICK, "--json", "r.json", timeout=300)
        runs = json.loads((self.folder / "r.json").read_text())["runs"]
        ok = [run for run in runs if run["status"] == "ok"]
        readers = {name for name, formats in self.engines.items() if set(formats) & set(FILES)}
        self.assertEqual({run["engine"] for run in ok}, readers)
        self.assertEqual({run["status"] for run in runs} - {"ok", "unsupported"}, set())
        self.assertEqual(len({run["inputs"]["canonical_sha256"] for run in ok}), 1)
        for run in ok:
            self.assertEqual(run["check"]["verdict"], "agree")
            self.assertGreater(run["check"]["centred_sqnr_db"], 90)
            borrowed = run["inputs"]["shapes_from"]
            self.assertEqual(borrowed, str(FIXTURES / "net.onnx") if run["format"] == "torchscript" else None)
        # One table: one heading, one line for each row that was measured, one for each engine that reads none of the files.
        table = [line for line in result.stdout.partition("\n\n")[0].splitlines() if not line.startswith("(no room")]
        self.assertEqual(len(table), 2 + len(ok) + len({run["engine"] for run in runs} - readers), result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)

    def test_one_shape_serves_models_of_both_layouts(self):
        torch, tflite = self.read("torchscript", "tflite")
        for first, second, shape in ((torch, tflite, "1x3x12x20"), (tflite, torch, "1x12x20x3"), (tflite, torch, "image=1x12x20x3")):
            with self.subTest(first=first.name, shape=shape):
                runs = [run for run in self.bench(first, second, "--shape", shape)["runs"] if run["status"] == "ok"]
                self.assertEqual({run["format"] for run in runs}, {"torchscript", "tflite"})
                self.assertEqual(len({run["inputs"]["canonical_sha256"] for run in runs}), 1)

    def test_batch_reaches_a_model_without_shapes(self):
        torch, onnx = self.read("torchscript", "onnx")
        runs = [run for run in self.bench(torch, onnx, "--batch", "1,3")["runs"] if run["format"] == "torchscript" and run["status"] == "ok"]
        self.assertEqual([run["batch"] for run in runs], [1, 3])
        self.assertEqual([next(iter(run["inputs"]["layouts"].values()))["shape"] for run in runs], [[1, 3, 12, 20], [3, 3, 12, 20]])

    def test_verify_borrows_too_whatever_the_order(self):
        torch, keras_or_tflite = self.read("torchscript", "tflite")
        result = json.loads(self.bakeoff("verify", torch, keras_or_tflite, "--no-convert", "--json", timeout=300).stdout)
        told = {row["format"]: row for row in result["rows"] if row["status"] in ("reference", "agree")}
        self.assertEqual(set(told), {"torchscript", "tflite"})
        self.assertEqual(told["torchscript"]["inputs"]["shapes_from"], str(keras_or_tflite))
        self.assertIn("does not tell its input shapes", " ".join(result["notes"]))

    def test_several_inputs_of_different_types(self):
        self.read("torchscript", "onnx")
        result = json.loads(self.bakeoff("verify", FIXTURES / "pair.pt", FIXTURES / "pair.onnx", "--range", "b=-9..9", "--no-convert", "--json", timeout=300).stdout)
        self.assertEqual({row["format"] for row in result["rows"] if row["status"] in ("reference", "agree")}, {"torchscript", "onnx"})

    def test_alone_it_asks_for_the_shape(self):
        (torch,) = self.read("torchscript")
        result = self.bakeoff("bench", torch, *QUICK, code=2, timeout=120)
        self.assertIn("does not tell the shape of input 'image'; give --shape image=", result.stderr)
        self.bakeoff("verify", torch, "--shape", "1x3x12x20", timeout=120)


if __name__ == "__main__":
    unittest.main()
