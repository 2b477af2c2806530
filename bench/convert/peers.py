# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What convert.py runs with the interpreters of the usual tools: conversion by the tool, and the tool's result held to our gate.

    peers.py torch MODEL.pt NET.onnx          PyTorch's exporter, the one that takes TorchScript
    peers.py torch-check MODEL.pt NET.onnx
    peers.py onnx2tf NET.onnx FOLDER          a SavedModel and TFLite files
    peers.py onnx2tf-check NET.onnx FOLDER {tflite|savedmodel}

A check prints one line of JSON. It asks less of the tools than of ours: batch 1 and one size.
"""
import json
import pathlib
import sys

import numpy as np

SIDE, SEEDS = 224, 3


def pictures():
    return [np.random.default_rng(seed).standard_normal((1, 3, SIDE, SIDE), dtype=np.float32) for seed in range(SEEDS)]


def compare(reference, candidate):
    """The worst of all seeds, by the definitions of docs/conversion.md."""
    ratios, largest = [], []
    for want, got in zip(reference, candidate):
        want, got = np.asarray(want, np.float64), np.asarray(got, np.float64)
        if want.shape != got.shape:
            return {"text": f"the answers have the shape {got.shape} instead of {want.shape}"}
        error = want - got
        ratios.append(10 * np.log10(((want - want.mean()) ** 2).sum() / max((error**2).sum(), 1e-300)))
        largest.append(np.abs(error).max() / np.abs(want).max())
    return {"centred_sqnr_db": float(min(ratios)), "max_rel": float(max(largest))}


def torch_export(model, out):
    import torch

    with torch.no_grad():
        torch.onnx.export(torch.jit.load(model).eval(), torch.randn(1, 3, SIDE, SIDE), out, opset_version=17, dynamo=False,
                          input_names=["input"], output_names=["output"], dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}})


def onnx_answers(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return [session.run(None, {session.get_inputs()[0].name: picture})[0] for picture in pictures()]


def torch_check(model, out):
    import torch

    script = torch.jit.load(model).eval()
    with torch.no_grad():
        reference = [script(torch.from_numpy(picture)).numpy() for picture in pictures()]
    return compare(reference, onnx_answers(out))


def onnx2tf_convert(source, folder):
    import onnx
    import onnx2tf

    name = onnx.load(source, load_external_data=False).graph.input[0].name
    # It wants height and width fixed.
    onnx2tf.convert(input_onnx_file_path=source, output_folder_path=folder, overwrite_input_shape=[f"{name}:1,3,{SIDE},{SIDE}"],
                    non_verbose=True)


def tflite_answers(folder):
    from ai_edge_litert.interpreter import Interpreter

    (path,) = pathlib.Path(folder).glob("*_float32.tflite")
    interpreter = Interpreter(str(path))
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, [1, SIDE, SIDE, 3])
    interpreter.allocate_tensors()
    answers = []
    for picture in pictures():
        interpreter.set_tensor(place, np.ascontiguousarray(picture.transpose(0, 2, 3, 1)))
        interpreter.invoke()
        answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    return answers


def savedmodel_answers(folder):
    import tensorflow

    model = tensorflow.saved_model.load(folder)
    function = model.signatures["serving_default"]
    (name,) = function.structured_input_signature[1]
    return [next(iter(function(**{name: tensorflow.constant(picture.transpose(0, 2, 3, 1))}).values())).numpy() for picture in pictures()]


def main():
    what, source, result = sys.argv[1:4]
    if what == "torch":
        torch_export(source, result)
    elif what == "torch-check":
        print(json.dumps(torch_check(source, result)))
    elif what == "onnx2tf":
        onnx2tf_convert(source, result)
    elif what == "onnx2tf-check":
        answers = tflite_answers if sys.argv[4] == "tflite" else savedmodel_answers
        print(json.dumps(compare(onnx_answers(source), answers(result))))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
