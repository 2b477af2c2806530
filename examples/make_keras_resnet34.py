#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Writes ResNet-34 (He et al. 2016) with random weights as a .keras file: what examples/keras-resnet34.yaml measures.

Speed does not depend on the weights. Needs Keras 3 with a backend: see that file.
"""
import argparse


def convolution(layers, x, filters, size, stride=1, activation=True):
    """Convolution without bias, batch norm and, unless a sum comes first, ReLU."""
    x = layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x) if activation else x


def block(layers, x, filters, stride):
    """Two convolutions of 3x3 beside the identity, or a projection where the shape changes."""
    shortcut = x
    if stride != 1 or x.shape[-1] != filters:
        shortcut = convolution(layers, x, filters, 1, stride, activation=False)
    x = convolution(layers, x, filters, 3, stride)
    x = convolution(layers, x, filters, 3, activation=False)
    return layers.ReLU()(layers.Add()([x, shortcut]))


def resnet34(keras, classes, size):
    layers = keras.layers
    inputs = keras.Input((size, size, 3))
    x = convolution(layers, inputs, 64, 7, 2)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for filters, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for i in range(blocks):
            x = block(layers, x, filters, 2 if i == 0 and filters > 64 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x), name="resnet34")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", help="the .keras file to write")
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    import keras

    keras.utils.set_random_seed(given.seed)
    model = resnet34(keras, given.classes, given.image_size)
    model.save(given.out)
    print(f"wrote {given.out}: {model.count_params():,} parameters")


if __name__ == "__main__":
    main()
