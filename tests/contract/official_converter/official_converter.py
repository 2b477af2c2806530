#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Our TFLite writer held to TensorFlow's own converter: both files of a network answer alike on LiteRT."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(os.environ.get("BAKEOFF_SOURCE", pathlib.Path(__file__).resolve().parents[3]))
sys.path.insert(0, str(SOURCE / "tests/cli"))

from support import CliTest  # noqa: E402

CONVERTER = os.environ.get("OFFICIAL_CONVERTER", str(SOURCE / "build/release/tests/contract/official_converter/official_converter"))
SMALL = ("--image-size", "64", "--width", "0.25")


class OfficialConverter(CliTest):
    def agrees(self, name, *options):
        self.bakeoff("make-model", name, "net.onnx", *options)
        self.bakeoff("convert", "net.onnx", "ours.tflite")
        self.bakeoff("convert", "net.onnx", "net.sm", "--to", "savedmodel", timeout=180)
        done = subprocess.run([CONVERTER, "net.sm", "theirs.tflite"], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        self.assertNotEqual((self.folder / "ours.tflite").read_bytes(), (self.folder / "theirs.tflite").read_bytes())
        told = json.loads(self.bakeoff("verify", "ours.tflite", "theirs.tflite", "--engines", "litert", "--tolerance", "f32", "--json").stdout)
        (row,) = [row for row in told["rows"] if row["model"].endswith("theirs.tflite")]
        self.assertEqual(row["status"], "agree", row)
        self.assertGreaterEqual(row["centred_sqnr_db"], 90)

    def test_convolutions_and_a_skip_connection(self):
        self.agrees("resnet18", *SMALL)

    def test_depthwise_convolutions_and_clipped_activations(self):
        self.agrees("mobilenet_v2", *SMALL)

    def test_two_inputs_and_two_outputs(self):
        self.agrees("multi")


if __name__ == "__main__":
    unittest.main()
