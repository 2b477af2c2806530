#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Writes a MobileNetV2 with seeded random weights in formats that our own code does not write, for bakeoff-bench-overhead.

Run it with a Python that has the format's package; deps/setup.sh makes both, below ~/.cache/bakeoff/pkg:
TensorFlow's (--engines keras) for savedmodel, tflite and keras, PyTorch's (--engines torch-eager) for torchscript and exported.
"""
import argparse
import pathlib

SIDE = 224
FORMATS = {"savedmodel": "mobilenet_v2.savedmodel", "tflite": "mobilenet_v2.tflite", "keras": "mobilenet_v2.keras",
           "torchscript": "mobilenet_v2.pt", "exported": "mobilenet_v2.pt2"}
# The network's table: expansion, channels, repeats, first stride.
BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def keras_model():
    import keras
    import numpy

    model = keras.applications.MobileNetV2(input_shape=(SIDE, SIDE, 3), weights=None)
    random = numpy.random.default_rng(1)
    weights = []
    for value in model.get_weights():
        # Keras' own start makes signals fade by ten in every depthwise layer. Kernels are height, width, in, out; a depthwise one's
        # last extent is 1, and each of its outputs sees one channel.
        if value.ndim == 4:
            sees = value.shape[0] * value.shape[1] * (1 if value.shape[3] == 1 else value.shape[2])
            value = random.normal(0, (2 / sees) ** 0.5, value.shape).astype("float32")
        weights.append(value)
    model.set_weights(weights)
    return model


def write_tensorflow(formats, folder):
    import tensorflow

    model = keras_model()
    for name in formats:
        path = folder / FORMATS[name]
        if name == "keras":
            model.save(path)
        elif name == "savedmodel":
            model.export(str(path), verbose=False)
        else:
            path.write_bytes(tensorflow.lite.TFLiteConverter.from_keras_model(model).convert())


def write_torch(formats, folder):
    import torch
    from torch import nn

    def layer(inside, out, size, stride=1, groups=1, act=True):
        parts = [nn.Conv2d(inside, out, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(out)]
        return nn.Sequential(*parts, nn.ReLU6()) if act else nn.Sequential(*parts)

    class Block(nn.Module):
        """Expand, filter each channel, project; added to the input where the shapes allow."""

        def __init__(self, inside, out, stride, expansion):
            super().__init__()
            wide = inside * expansion
            expand = [layer(inside, wide, 1)] if expansion > 1 else []
            self.body = nn.Sequential(*expand, layer(wide, wide, 3, stride, wide), layer(wide, out, 1, act=False))
            self.adds = stride == 1 and inside == out

        def forward(self, x):
            return x + self.body(x) if self.adds else self.body(x)

    torch.manual_seed(1)
    parts, channels = [layer(3, 32, 3, 2)], 32
    for expansion, out, repeats, stride in BLOCKS:
        for repeat in range(repeats):
            parts.append(Block(channels, out, stride if repeat == 0 else 1, expansion))
            channels = out
    model = nn.Sequential(*parts, layer(channels, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000)).eval()
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    image = torch.zeros(1, 3, SIDE, SIDE)
    if "torchscript" in formats:
        torch.jit.trace(model, image).save(str(folder / FORMATS["torchscript"]))
    if "exported" in formats:
        torch.export.save(torch.export.export(model, (image,)), folder / FORMATS["exported"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="+", choices=list(FORMATS))
    parser.add_argument("--into", type=pathlib.Path, required=True, help="folder for the files")
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    of_torch = [name for name in arguments.formats if name in ("torchscript", "exported")]
    if others := [name for name in arguments.formats if name not in of_torch]:
        write_tensorflow(others, arguments.into)
    if of_torch:
        write_torch(of_torch, arguments.into)
    for name in arguments.formats:
        print(f"--model {name}={arguments.into / FORMATS[name]}")


if __name__ == "__main__":
    main()
