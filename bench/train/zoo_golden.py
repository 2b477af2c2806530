#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Expected outputs of the model zoo, computed by torchvision: an implementation that shares no code with ours.

    python3 -m venv V && V/bin/pip install torch==2.13.0 torchvision numpy
    V/bin/python bench/train/zoo_golden.py --golden tests/golden/zoo.json     writes the expected values
    V/bin/python bench/train/zoo_golden.py --state-dicts DIR                  writes .pth state dicts, to be loaded by the zoo

Weights come from a formula of parameter name and index, the same as in src/train/zoo/formula.h: for element i of the parameter
`name`, u = (splitmix64(fnv1a64(name) + i) >> 40) / 2^24 in [0, 1), and the value is by kind (see fill()).
"""
import argparse
import json
import pathlib

import numpy as np
import torch
import torchvision

NETWORKS = ["resnet18", "resnet34", "resnet50", "mobilenet_v2", "efficientnet_b0", "efficientnet_v2_s", "convnext_tiny", "vit_b_16"]
CLASSES = 10


def uniform(name, count):
    hashed = np.uint64(0xCBF29CE484222325)
    with np.errstate(over="ignore"):
        for byte in name.encode():
            hashed = (hashed ^ np.uint64(byte)) * np.uint64(0x100000001B3)
        z = hashed + np.arange(count, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2.0**24


def fill(name, shape):
    u = uniform(name, int(np.prod(shape, dtype=np.int64)))
    if name.endswith("num_batches_tracked"):
        return np.zeros(shape, dtype=np.int64)
    if name.endswith("running_var"):
        values = 0.75 + 0.5 * u
    elif name.endswith(("running_mean", "bias", "class_token", "pos_embedding", "layer_scale")):
        values = 0.2 * (u - 0.5)
    elif len(shape) == 1:
        values = 0.9 + 0.2 * u
    else:
        values = 2 * (u - 0.5) * np.sqrt(3.0 / np.prod(shape[1:]))
    return values.astype(np.float32).reshape(shape)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--golden")
    parser.add_argument("--state-dicts")
    arguments = parser.parse_args()
    rows = {}
    for name in NETWORKS:
        model = getattr(torchvision.models, name)(num_classes=CLASSES).eval()
        state = {key: torch.from_numpy(np.ascontiguousarray(fill(key, tuple(value.shape)))) for key, value in model.state_dict().items()}
        model.load_state_dict(state)
        images = torch.from_numpy((4 * (uniform("images", 2 * 3 * 224 * 224) - 0.5)).astype(np.float32).reshape(2, 3, 224, 224))
        with torch.no_grad():
            logits = model(images)
        rows[name] = {"parameters": sum(p.numel() for p in model.parameters()), "logits": [[float(x) for x in row] for row in logits]}
        print(name, rows[name]["parameters"], "std over classes", float(logits.std()))
        if arguments.state_dicts:
            folder = pathlib.Path(arguments.state_dicts)
            folder.mkdir(parents=True, exist_ok=True)
            torch.save(state, folder / f"{name}.pth")
    if arguments.golden:
        versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
        pathlib.Path(arguments.golden).write_text(json.dumps({"made_by": "bench/train/zoo_golden.py", **versions, "networks": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
