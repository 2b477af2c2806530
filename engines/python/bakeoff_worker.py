# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Engines in Python over libbakeoff_worker.so: scenarios, statistics and meters are those of every other engine.

An engine is a class with three methods, handed to main():
  info() -> dict          the `info` object of docs/architecture.md; may carry "libraries", files of its packages. Must not import a
                          large runtime.
  load(artifact, options) -> model   both dictionaries as in the protocol's `load`, "engine" with every declared option
  census(artifact, options) -> dict  the protocol's `census` reply; only where info() lists formats under "census"
A model has `inputs` and `outputs` (lists of {"name", "type", "shape"}, -1 for a free extent), `effective`, `unread`, and
  new_request(shapes) -> request     concrete shapes by input name
  close()                            called once, before the next load
A request has `inputs`: writable buffers that stay where they are, filled by the library; run(), the only timed call; and
`outputs`, buffers that are valid until the next run(). A buffer is anything dense with the buffer protocol, or a numpy array.
"""
import ctypes
import importlib.util
import json
import math
import os
import signal
import sys

MAX_RANK = 16
MAX_WORDS = 300
SIZES = {"f32": 4, "f16": 2, "bf16": 2, "f64": 8, "i8": 1, "u8": 1, "i16": 2, "i32": 4, "i64": 8, "bool": 1}


class Failure(Exception):
    """What a row shows: one of the protocol's codes, and words for people."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def shortened(words):
    """A runtime's own words on one line, cut where they get long."""
    line = " ".join(str(words).split())
    return line if len(line) <= MAX_WORDS else line[:MAX_WORDS].rsplit(" ", 1)[0] + " ..."


def installed(module, distribution):
    """(version, file) of a package, from the name of its metadata folder: importlib.metadata imports the email package, half of a description's time."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.origin:
        raise Failure("unavailable", f"the Python package '{module}' is missing; run deps/setup.sh again")
    folder = os.path.dirname(os.path.dirname(spec.origin))
    versions = [name[len(distribution) + 1 : -len(".dist-info")] for name in os.listdir(folder)
                if name.startswith(f"{distribution}-") and name.endswith(".dist-info")]
    if len(versions) != 1:
        raise Failure("unavailable", f"{folder}: {len(versions)} folders {distribution}-*.dist-info where one is expected; run deps/setup.sh again")
    return versions[0], spec.origin


def complete_shapes(inputs, options):
    """For a census: concrete shapes by input; None, with the reason, where the model leaves open more than the batch."""
    shapes = {}
    for spec in inputs:
        given = options["shapes"].get(spec["name"])
        if given is None:
            given = list(spec["shape"])
            if given and given[0] < 0:
                given[0] = options["batch"] or 1
        if len(given) != len(spec["shape"]) or any(known not in (-1, asked) for known, asked in zip(spec["shape"], given)):
            raise Failure("usage", f"input '{spec['name']}' is {spec['shape']}, so {given} does not fit")
        if any(extent < 0 for extent in given):
            return None, f"multiply-adds are not known: input '{spec['name']}' leaves open more than the batch; give --shape {spec['name']}=..."
        shapes[spec["name"]] = given
    unknown = set(options["shapes"]) - set(shapes)
    if unknown:
        raise Failure("usage", f"--shape {sorted(unknown)[0]}: the model has no such input; its inputs are {', '.join(shapes)}")
    return shapes, None


def _own_files():
    """The engine's script and every module beside this one: a description is stale when one of them changes."""
    here = os.path.dirname(os.path.abspath(__file__))
    return list(dict.fromkeys([os.path.abspath(sys.argv[0]), *(os.path.join(here, name) for name in sorted(os.listdir(here)) if name.endswith(".py"))]))


class _Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("rank", ctypes.c_int32), ("shape", ctypes.c_int64 * MAX_RANK)]


_P, _S, _I, _T = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.POINTER(_Tensor)
_TYPES = {"describe": (_P, _P), "load": (_P, _P, _S), "unload": (None, _P), "new_request": (_I, _P, _I, _S, _T, _I),
          "free_request": (None, _P, _I), "run": (_I, _P, _I), "outputs": (_I, _P, _I, _T, _I), "empty": (_I, _P, _I)}


class _Callbacks(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32)] + [(name, ctypes.CFUNCTYPE(*types)) for name, types in _TYPES.items()]


def _put(tensor, buffer, spec):
    """Points `tensor` at the memory of `buffer`; nothing is copied."""
    if hasattr(buffer, "__array_interface__"):
        array = buffer.__array_interface__
        address, shape, dense = array["data"][0], buffer.shape, buffer.flags.c_contiguous
        size, count = buffer.itemsize, buffer.size
    else:
        view = memoryview(buffer)
        shape, dense, size, count = view.shape, view.c_contiguous, view.itemsize, math.prod(view.shape)
        address = ctypes.addressof((ctypes.c_char * view.nbytes).from_buffer(view)) if view.nbytes else None
    if not dense or size != SIZES[spec["type"]] or len(shape) > MAX_RANK:
        raise Failure("engine_failed", f"'{spec['name']}' came as {count} elements of {size} bytes, "
                                       f"{'dense' if dense else 'with gaps'}, rank {len(shape)}; expected {spec['type']}")
    tensor.data, tensor.rank = address, len(shape)
    tensor.shape[: len(shape)] = shape


class _Worker:
    """The callbacks. None of them lets an exception out: over the border it would be printed and lost."""

    def __init__(self, library, engine):
        self.library, self.engine = library, engine
        self.model, self.requests, self.texts = None, {}, {}

    def text(self, key, value):
        """JSON that stays where it is until the same callback is called again."""
        self.texts[key] = ctypes.create_string_buffer(json.dumps(value).encode())
        return ctypes.addressof(self.texts[key])

    def describe(self):
        info = self.engine.info()
        return self.text("describe", {**info, "libraries": [*_own_files(), *info.get("libraries", ())]})

    def load(self, request):
        told = json.loads(request)
        if told.get("census"):
            return self.text("load", self.engine.census(told["artifact"], told["options"]))
        self.unload()
        self.model = self.engine.load(told["artifact"], told["options"])
        return self.text("load", {"inputs": self.model.inputs, "outputs": self.model.outputs,
                                  "effective": self.model.effective, "unread": list(getattr(self.model, "unread", ()))})

    def unload(self):
        self.requests.clear()
        model, self.model = self.model, None
        if model is not None:
            model.close()

    def new_request(self, number, shapes, tensors, count):
        request = self.model.new_request(json.loads(shapes))
        for i, (buffer, spec) in enumerate(zip(request.inputs, self.model.inputs, strict=True)):
            _put(tensors[i], buffer, spec)
        self.requests[number] = request

    def free_request(self, number):
        self.requests.pop(number, None)

    def run(self, number):
        self.requests[number].run()

    def outputs(self, number, tensors, count):
        for i, (buffer, spec) in enumerate(zip(self.requests[number].outputs, self.model.outputs, strict=True)):
            _put(tensors[i], buffer, spec)

    def empty(self, number):
        pass

    def guarded(self, name):
        """The C function of a method: NULL or 1 and a reason where it raises."""
        method, result = getattr(self, name), _TYPES[name][0]
        failed, succeeded = {_P: (None, None), _I: (1, 0), None: (None, None)}[result]

        def function(_context, *arguments):
            try:
                value = method(*arguments)
                return value if result is _P else succeeded
            except Failure as failure:
                self.library.bakeoff_worker_fail(failure.code.encode(), str(failure).encode())
            except MemoryError:
                self.library.bakeoff_worker_fail(b"engine_failed", b"out of memory")
            except BaseException as error:  # noqa: B902, also SystemExit and KeyboardInterrupt
                # Not the traceback module, which takes milliseconds of every start.
                sys.__excepthook__(type(error), error, error.__traceback__)
                self.library.bakeoff_worker_fail(b"engine_failed", shortened(f"{type(error).__name__}: {error}").encode())
            return failed

        return ctypes.CFUNCTYPE(*_TYPES[name])(function)


def main(engine):
    """Serves until the host says goodbye; the library's path is in BAKEOFF_WORKER_LIBRARY, which the launcher sets."""
    # As in a worker in C++: a signal ends the process now, not at the interpreter's next instruction.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    library = ctypes.CDLL(os.environ["BAKEOFF_WORKER_LIBRARY"])
    library.bakeoff_worker_fail.argtypes = [_S, _S]
    library.bakeoff_worker_fail.restype = None
    worker = _Worker(library, engine)
    callbacks = _Callbacks(size=ctypes.sizeof(_Callbacks), **{name: worker.guarded(name) for name in _TYPES})
    words = (_S * len(sys.argv))(*[os.fsencode(word) for word in sys.argv])
    sys.exit(library.bakeoff_worker_main(len(sys.argv), words, ctypes.byref(callbacks), None))
