# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""A worker over libbakeoff_worker.so by ctypes alone: y = factor * x. The smallest example of an engine in another language."""
import ctypes
import json
import os
import sys

MAX_RANK = 16
LIBRARY = os.path.join(os.environ["BAKEOFF_BIN"], "..", "lib", "libbakeoff_worker.so")


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("rank", ctypes.c_int32), ("shape", ctypes.c_int64 * MAX_RANK)]


P, S, I = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32
TYPES = [("describe", (P, P)), ("load", (P, P, S)), ("unload", (None, P)),
         ("new_request", (I, P, I, S, ctypes.POINTER(Tensor), I)), ("free_request", (None, P, I)), ("run", (I, P, I)),
         ("outputs", (I, P, I, ctypes.POINTER(Tensor), I)), ("empty", (I, P, I))]


class Callbacks(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32)] + [(name, ctypes.CFUNCTYPE(*types)) for name, types in TYPES]


library = ctypes.CDLL(LIBRARY)
texts, requests, model = {}, {}, {}


def text(key, value):
    """A text must stay where it is until the next call."""
    texts[key] = ctypes.create_string_buffer(json.dumps(value).encode())
    return ctypes.addressof(texts[key])


def describe(_):
    return text("describe", {"name": "scale", "version": "3", "reads": ["any"], "devices": ["cpu"], "precisions": ["f32"], "max_requests": 0,
                             "batch_changes_after_load": True, "note": "", "for_testing": True,
                             "options": [{"name": "factor", "default": "2", "help": "Factor.", "choices": ""},
                                         {"name": "unused", "default": "", "help": "Nobody reads it.", "choices": ""}]})


def load(_, request):
    options = json.loads(request)["options"]
    if options["engine"]["factor"] == "bad":
        library.bakeoff_worker_fail(b"invalid_model", b"the factor is bad")
        return None
    model["factor"] = float(options["engine"]["factor"])
    spec = {"type": "f32", "shape": [-1, 2]}
    return text("load", {"inputs": [{"name": "x", **spec}], "outputs": [{"name": "y", **spec}], "effective": {"provider": "python"},
                         "unread": ["unused"]})


def new_request(_, request, shapes, inputs, count):
    shape = json.loads(shapes)["x"]
    size = shape[0] * shape[1]
    requests[request] = (shape, (ctypes.c_float * size)(), (ctypes.c_float * size)())
    fill(inputs[0], shape, requests[request][1])
    return 0


def fill(tensor, shape, memory):
    tensor.data, tensor.rank = ctypes.addressof(memory), len(shape)
    for axis, extent in enumerate(shape):
        tensor.shape[axis] = extent


def run(_, request):
    _, x, y = requests[request]
    for i, value in enumerate(x):
        y[i] = model["factor"] * value
    return 0


def outputs(_, request, tensors, count):
    fill(tensors[0], requests[request][0], requests[request][2])
    return 0


functions = {"describe": describe, "load": load, "unload": lambda _: None, "new_request": new_request,
             "free_request": lambda _, request: requests.pop(request), "run": run, "outputs": outputs, "empty": lambda _, request: 0}
callbacks = Callbacks(size=ctypes.sizeof(Callbacks),
                      **{name: ctypes.CFUNCTYPE(*types)(functions[name]) for name, types in TYPES})
arguments = (ctypes.c_char_p * len(sys.argv))(*[word.encode() for word in sys.argv])
sys.exit(library.bakeoff_worker_main(len(sys.argv), arguments, ctypes.byref(callbacks), None))
