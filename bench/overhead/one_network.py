#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Writes the MobileNetV2 of a TorchScript file as savedmodel, tflite and keras, with the same weights: one network for one table.

make_models.py writes each vendor's own network, good for timing one engine; `bakeoff bench` of several formats compares answers.
Two steps, because no environment has both packages: with PyTorch's Python (deps/setup.sh --engines torch-eager) `weights`, then with
TensorFlow's (--engines keras) `models`. `bakeoff convert mobilenet_v2.pt mobilenet_v2.onnx --shape 1x3x224x224` makes the ONNX file.
"""
import argparse
import pathlib

import make_models


def write_weights(folder):
    import numpy
    import torch

    state = torch.jit.load(str(folder / make_models.FORMATS["torchscript"])).state_dict()
    kept = [value.numpy() for name, value in state.items() if not name.endswith("num_batches_tracked")]
    numpy.savez(folder / "weights.npz", *kept)


def keras_model(weights):
    """Layer by layer as make_models.write_torch() builds it, each taking the next arrays of its weights."""
    import keras
    from keras import layers

    def convolution(x, out, size, stride=1, depthwise=False, act=True):
        kernel = next(weights)
        if size > 1:
            x = layers.ZeroPadding2D(size // 2)(x)
        if depthwise:
            layer = layers.DepthwiseConv2D(size, stride, use_bias=False)
        else:
            layer = layers.Conv2D(out, size, stride, use_bias=False)
        x = layer(x)
        # From (out, in, height, width); a depthwise filter's channels stand where others have their inputs.
        layer.set_weights([kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(2, 3, 1, 0)])
        norm = layers.BatchNormalization(epsilon=1e-5)
        x = norm(x)
        norm.set_weights([next(weights) for _ in range(4)])
        return layers.ReLU(6)(x) if act else x

    image = keras.Input((make_models.SIDE, make_models.SIDE, 3), name="input")
    x, channels = convolution(image, 32, 3, 2), 32
    for expansion, out, repeats, stride in make_models.BLOCKS:
        for repeat in range(repeats):
            start, wide = x, channels * expansion
            if expansion > 1:
                x = convolution(x, wide, 1)
            x = convolution(x, wide, 3, stride if repeat == 0 else 1, depthwise=True)
            x = convolution(x, out, 1, act=False)
            if (stride == 1 or repeat > 0) and channels == out:
                x = layers.Add()([start, x])
            channels = out
    x = layers.GlobalAveragePooling2D()(convolution(x, 1280, 1))
    dense = layers.Dense(1000, name="logits")
    x = dense(x)
    dense.set_weights([next(weights).T, next(weights)])
    return keras.Model(image, x)


def write_models(folder):
    import numpy
    import tensorflow

    with numpy.load(folder / "weights.npz") as file:
        model = keras_model(iter([file[name] for name in file.files]))
    model.save(folder / make_models.FORMATS["keras"])
    model.export(str(folder / make_models.FORMATS["savedmodel"]), verbose=False)
    (folder / make_models.FORMATS["tflite"]).write_bytes(tensorflow.lite.TFLiteConverter.from_keras_model(model).convert())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("weights", "models"))
    parser.add_argument("--into", type=pathlib.Path, required=True, help="folder that has mobilenet_v2.pt of make_models.py")
    arguments = parser.parse_args()
    (write_weights if arguments.step == "weights" else write_models)(arguments.into)


if __name__ == "__main__":
    main()
