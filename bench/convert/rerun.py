#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Runs a model and what was converted from it in the runtimes' own Python packages, and compares the answers: nothing of Bakeoff takes part.

    python3 -m venv O && O/bin/pip install numpy openvino==2026.4.1
    O/bin/python bench/convert/rerun.py model.pt model.onnx model.xml model.tflite model.savedmodel --shape 2x3x192x160 \\
        --python V/bin/python --for openvino=O/bin/python --for tflite=K/bin/python --for savedmodel=K/bin/python

V has torch and onnxruntime, K tensorflow (the Keras engine's environment in the cache has it). Each file runs in a process of its own. Inputs are
drawn by numpy in the source's order of axes (N C H W); a result's own order is in its conversion record. Files whose height
and width are fixed need their own --shape. Prints a line per result and exits with 1 where one differs more than docs/conversion.md allows.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ENDINGS = {".pt": "torchscript", ".onnx": "onnx", ".xml": "openvino", ".tflite": "tflite"}
LEAST_DB, MOST_REL = 90, 1e-4


def format_of(path):
    return "savedmodel" if path.is_dir() else ENDINGS[path.suffix]


def layout_of(path):
    """Of its only input, by the conversion record."""
    record = path / "conversion.json" if path.is_dir() else path.with_name(path.name + ".conversion.json")
    return next(iter(json.loads(record.read_text())["target"]["layouts"].values()), "NCHW") if record.exists() else "NCHW"


def torchscript(path, data):
    import torch

    torch.set_num_threads(2)
    with torch.no_grad():
        return torch.jit.load(path).eval()(torch.from_numpy(data)).numpy(), torch.__version__


def onnx(path, data):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: data})[0], onnxruntime.__version__


def openvino(path, data):
    import openvino as ov

    # The device would compute in bf16 where it can.
    model = ov.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return model(data)[0], ov.__version__


def tflite(path, data):
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_path=path, num_threads=2)
    index = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(index, data.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(index, data)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), tf.__version__


def savedmodel(path, data):
    import tensorflow as tf

    signature = tf.saved_model.load(path).signatures["serving_default"]
    (name,) = signature.structured_input_signature[1]
    return next(iter(signature(**{name: tf.constant(data)}).values())).numpy(), tf.__version__


def answer(kind, path, inputs, outputs):
    """In a process that has the runtime."""
    import numpy

    result, version = {"torchscript": torchscript, "onnx": onnx, "openvino": openvino, "tflite": tflite, "savedmodel": savedmodel}[kind](
        path, numpy.load(inputs)
    )
    numpy.save(outputs, result)
    print(version)


def ask(python, path, data, folder):
    import numpy

    kind = format_of(path)
    numpy.save(folder / "in.npy", numpy.ascontiguousarray(data))
    words = [python.get(kind, python[""]), __file__, "--answer", kind, path, folder / "in.npy", folder / "out.npy"]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{path}: {done.stderr[-2000:]}")
    return numpy.load(folder / "out.npy").astype(numpy.float64), done.stdout.split()[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path, nargs="+")
    parser.add_argument("--shape", default="2x3x192x160")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--python", default=sys.executable, help="of every format that --for does not name")
    parser.add_argument("--for", dest="others", action="append", default=[], metavar="FORMAT=PYTHON")
    options = parser.parse_args()
    import numpy

    python = {"": options.python} | dict(pair.split("=", 1) for pair in options.others)
    shape = [int(extent) for extent in options.shape.split("x")]
    data = numpy.random.default_rng(options.seed).standard_normal(shape, dtype=numpy.float32)
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        expected, version = ask(python, options.source, data, folder)
        centred = expected - expected.mean()
        print(f"{options.source}: torchscript {version}, input {options.shape}, std/rms {centred.std() / numpy.sqrt((expected**2).mean()):.2f}")
        for path in options.results:
            axes = [0, 2, 3, 1] if layout_of(path) == "NHWC" else [0, 1, 2, 3]
            got, version = ask(python, path, data.transpose(axes), folder)
            if got.shape != expected.shape:
                sys.exit(f"{path}: answers {got.shape}, the source {expected.shape}")
            error = got - expected
            level = 10 * numpy.log10((centred**2).sum() / max((error**2).sum(), 1e-300))
            worst = abs(error).max() / abs(expected).max()
            good = level >= LEAST_DB and worst <= MOST_REL
            same = (got.argmax(-1) == expected.argmax(-1)).all()
            wrong += not good
            print(f"{path}: {format_of(path)} {version}: centred SQNR {level:.1f} dB, max rel {worst:.1e}, top-1 {'equal' if same else 'differs'}: {'agrees' if good else 'WRONG'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    answer(*sys.argv[2:]) if sys.argv[1:2] == ["--answer"] else main()
