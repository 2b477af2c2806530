# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What the tests of `bakeoff train` share: a few tiny pictures, and a network that learns them in a second."""
import hashlib
import json
import os
import pathlib
import struct
import unittest

from support import BIN, CliTest, bmp

CLASSES = ("red", "green", "blue")
# A network of a few thousand weights on 16 pixels: an epoch takes well under a second.
TINY = ("--arch", "mobilenet_v2", "--width", "0.1", "--image-size", "16", "--batch", "4", "--threads", "1", "--seed", "3", "--augment", "light")


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def tensors(path):
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8 : 8 + size])
    return {name: data[8 + size + entry["data_offsets"][0] : 8 + size + entry["data_offsets"][1]] for name, entry in head.items() if name != "__metadata__"}


@unittest.skipUnless((BIN / "bakeoff-train").exists(), "this build has no training")
class TrainCase(CliTest):
    @classmethod
    def setUpClass(cls):
        # Many small tests with one OpenMP pool each: no spinning.
        os.environ["OMP_WAIT_POLICY"] = "passive"

    def pictures(self, name="colours", each=20, classes=CLASSES):
        folder = self.folder / name
        for label, color in enumerate(classes):
            (folder / color).mkdir(parents=True)
            for i in range(each):
                bmp(folder / color / f"{i}.bmp", [200 if c == label % 3 else 50 for c in (2, 1, 0)], label * 1000 + i)
        return folder

    def train(self, out, *words, **options):
        return self.bakeoff("train", "--data", "colours", "--out", out, *TINY, *words, **options)

    def refused(self, *words, says, code=2):
        """As fails(), after words about what was going on."""
        result = self.bakeoff(*words, code=code)
        self.assertEqual(result.stdout, "")
        self.assertIn("\nbakeoff: ", "\n" + result.stderr)
        self.assertIn(says, result.stderr)
