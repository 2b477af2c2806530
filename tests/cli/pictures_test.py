#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""A folder of pictures as --input: every picture once, the same pixels for both layouts, and what is refused."""
import json
import shutil
import unittest

from support import SOURCE, CliTest

FIXTURES = SOURCE / "tests/fixtures"


class PicturesTest(CliTest):
    def setUp(self):
        super().setUp()
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        self.formats = {name for row in engines if row["status"] == "present" and not row["for_testing"] for name in row["formats"]}
        if "onnx" not in self.formats:
            self.skipTest("no engine here reads onnx")
        self.bakeoff("data", "make", "shapes", "--out", "made", "--part", "0.01", "--seed", "3")
        self.pictures = self.folder / "pictures"
        self.pictures.mkdir()
        for number, path in enumerate(sorted((self.folder / "made").rglob("*.*"))):
            if path.suffix in (".jpg", ".png") and len(list(self.pictures.iterdir())) < 5:
                shutil.copy(path, self.pictures / f"{number}{path.suffix}")
        self.assertEqual(len(list(self.pictures.iterdir())), 5)

    def verify(self, *words, code=0):
        return json.loads(self.bakeoff("verify", *words, "--input", self.pictures, "--no-convert", "--json", code=code, timeout=200).stdout)

    def test_every_picture_once_and_a_share_of_equal_top1(self):
        result = self.verify(FIXTURES / "net.onnx", FIXTURES / "net.tflite")
        self.assertIn("5 pictures, pre-processing assumed", " ".join(result["notes"]))
        told = [row for row in result["rows"] if row["status"] in ("reference", "agree", "weak")]
        for row in told:
            self.assertEqual(row["sets"], 5)
            if row["status"] != "reference":
                self.assertEqual(row["top1_agreement"], 1.0)
        self.assertEqual(len({row["inputs"]["canonical_sha256"] for row in told}), 1)
        if "tflite" in self.formats:
            self.assertEqual({row["format"] for row in told}, {"onnx", "tflite"})
        # A batch shows several at once.
        self.assertEqual({row["sets"] for row in self.verify(FIXTURES / "net.onnx", "--batch", "2")["rows"] if row["status"] in ("reference", "agree", "weak")}, {3})

    def test_progress_tells_how_far_it_is(self):
        self.env["BAKEOFF_PROGRESS_SECONDS"] = "1"
        result = self.bakeoff("verify", FIXTURES / "net.onnx", "--engines", "fake", "-o", "fake.median_us=700000", "-o", "fake.shapes=?x3x12x20",
                              "--input", self.pictures, code=3, timeout=60)
        self.assertRegex(result.stderr, r"net.onnx on fake: pictures, batch [2-5] of 5\n")

    def test_the_declared_layout_decides(self):
        if "tflite" not in self.formats:
            self.skipTest("no engine here reads tflite")
        for model in (FIXTURES / "net.tflite", "net.tflite"):
            self.verify(FIXTURES / "net.onnx", FIXTURES / "net.tflite", "--layout", f"{model}=NCHW", code=1)

    def test_bench_takes_the_first(self):
        result = json.loads(self.bakeoff("bench", FIXTURES / "net.onnx", "--input", self.pictures, "--count", "5", "--repeat", "1", "--threads", "1", "--json", timeout=200).stdout)
        self.assertIn("ok", {run["status"] for run in result["runs"]})

    def test_refusals(self):
        (self.folder / "empty").mkdir()
        self.fails("verify", FIXTURES / "net.onnx", "--input", "empty", says="no picture (JPEG, PNG, WebP, BMP) in that folder")
        self.fails("verify", FIXTURES / "pair.onnx", "--input", f"a={self.pictures}", says="it takes no pictures, whose axes are N, C, H and W")
        self.fails("verify", FIXTURES / "net.onnx", "--input", self.pictures, "--range", "0..1", says="--range and --input are both given")
        (self.pictures / "broken.jpg").write_bytes(b"no picture")
        result = self.bakeoff("verify", FIXTURES / "net.onnx", "--input", self.pictures, code=2)
        self.assertIn("broken.jpg", result.stderr)


if __name__ == "__main__":
    unittest.main()
