#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""State dicts written by torchvision go through `bakeoff train --epochs 0`: every key must fit, and the exported TorchScript must
answer as torchvision does, within 1e-4.

    python3 -m venv V && V/bin/pip install torch==2.13.0 torchvision numpy
    V/bin/python bench/train/state_dicts.py build/release/bin/bakeoff
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import torch
import torchvision

NETWORKS = ["resnet18", "mobilenet_v2", "efficientnet_b0", "convnext_tiny", "vit_b_16"]
TOLERANCE = 1e-4


def shuffled(model):
    """Norm statistics and layer scales as after training: at their initial values a mistake in them would not show."""
    for name, value in model.state_dict().items():
        if name.endswith("running_mean"):
            value.normal_(0, 0.1)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith("layer_scale"):
            value.uniform_(0.05, 0.15)
        elif name.endswith(("classifier.2.weight", "heads.head.weight")):
            value.normal_(0, 0.05)
    return model.eval()


def keys(path):
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    return {name: entry["shape"] for name, entry in json.loads(data[8 : 8 + size]).items() if name != "__metadata__"}


def main():
    program, bad = sys.argv[1], 0
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}")
    for name in NETWORKS:
        torch.manual_seed(2026)
        model = shuffled(getattr(torchvision.models, name)())
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            torch.save(model.state_dict(), folder / "weights.pth")
            done = subprocess.run([program, "train", "--arch", name, "--init", folder / "weights.pth", "--epochs", "0", "--out", folder / "m"], capture_output=True, text=True)
            if done.returncode:
                print(f"{name}: REFUSED\n{done.stderr}")
                bad += 1
                continue
            theirs = {key: list(value.shape) for key, value in model.state_dict().items()}
            ours = keys(folder / "m/weights.safetensors")
            script = torch.jit.load(str(folder / "m/model.pt")).eval()
            images = torch.randn(2, 3, 224, 224)
            with torch.no_grad():
                want, got = model(images), script(images)
            difference = (want - got).abs().max().item()
            good = difference <= TOLERANCE and theirs == ours
            bad += not good
            print(
                f"{name:16} keys {len(theirs)}, missing {len(theirs.keys() - ours.keys())}, unexpected {len(ours.keys() - theirs.keys())}, "
                f"largest difference {difference:.2e} of outputs up to {want.abs().max().item():.3f}: {'ok' if good else 'DIFFERS'}"
            )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
