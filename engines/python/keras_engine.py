# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Keras baseline: what people run today, a model through predict(), through its call, or through a tf.function.

TensorFlow is imported by the first load, after the threads are known: it fixes its pools when it starts, once per process.
A description is asked for often and imports next to nothing: what only load() needs is imported there.
"""
import gc
import os
import time

import bakeoff_worker
from bakeoff_worker import Failure, installed, shortened

NOT_TOLD = "not told by the runtime"
TYPES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "float64": "f64", "int8": "i8", "uint8": "u8",
         "int16": "i16", "int32": "i32", "int64": "i64", "bool": "bool"}
ENDINGS = {"keras": (".keras",), "keras-h5": (".h5", ".hdf5")}
OPTIONS = [
    {"name": "mode", "default": "predict", "choices": "predict|call|function",
     "help": "predict: model.predict, call: model(x), function: the call inside a tf.function."},
    {"name": "signature", "default": "serving_default", "selects": True, "help": "Signature of a SavedModel, which runs through TFSMLayer."},
    {"name": "intra_threads", "default": "", "help": "Threads inside operators; without it --threads."},
    {"name": "inter_threads", "default": "", "help": "Threads that run independent operators; without it 1."},
    {"name": "onednn", "default": "", "choices": "0|1", "environment": "TF_ENABLE_ONEDNN_OPTS",
     "help": "oneDNN's operators; without it TensorFlow's own choice."},
]


def read_threads(options):
    threads = {}
    for name, otherwise in ("intra_threads", options["threads"]), ("inter_threads", 1):
        text = options["engine"][name] or str(otherwise)
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 4096):
            raise Failure("usage", f"-o keras.{name}={text}: takes 1 to 4096")
        threads[name] = int(text)
    return threads


def check_onednn(wanted):
    """TensorFlow decides about it while it is imported, from what this process was started with."""
    if wanted and os.environ.get("TF_ENABLE_ONEDNN_OPTS") != wanted:
        raise Failure("unsupported", "TensorFlow decides about oneDNN when it starts: start this worker with "
                                     f"TF_ENABLE_ONEDNN_OPTS={wanted}")


class Runtime:
    """TensorFlow and Keras, imported once with their threads set."""

    def __init__(self, threads):
        start = time.perf_counter_ns()
        # A user's ~/.keras/keras.json would change layout and precision; below /dev/null there is none, nor one to be made.
        os.environ.update(KERAS_BACKEND="tensorflow", KERAS_HOME="/dev/null/keras")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        # numpy's BLAS computes nothing here; its idle pool would only add threads.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        import keras
        import numpy
        import tensorflow

        self.keras, self.numpy, self.tf, self.threads = keras, numpy, tensorflow, threads
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads["intra_threads"])
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads["inter_threads"])
        tensorflow.constant(0.0)  # starts it: from here on the pools are what they are
        self.import_ns = time.perf_counter_ns() - start

    def onednn(self):
        try:
            from tensorflow.python.util import _pywrap_util_port

            return bool(_pywrap_util_port.IsMklEnabled())
        except (ImportError, AttributeError):
            return NOT_TOLD


def spec_of(path, name, shape, dtype):
    if shape is None:
        raise Failure("unsupported", f"{path}: the model does not tell the rank of '{name}'")
    dtype = getattr(dtype, "name", str(dtype))
    if dtype not in TYPES or dtype == "bfloat16":
        raise Failure("unsupported", f"{path}: '{name}' is {dtype}, which this baseline does not carry")
    return {"name": name, "type": TYPES[dtype], "shape": [-1 if extent is None else int(extent) for extent in shape]}


def refusal(path, error):
    """What Keras or TensorFlow said about a file that it does not load."""
    import re

    words = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    # The telling part of a message that begins with the layer's whole configuration.
    telling = re.search(r"Could not locate|Unknown layer|Requested the deserialization of a `?Lambda|`?Lambda`? layer", words)
    words = shortened(words[telling.start() :].split("Full object config")[0] if telling else words)
    if telling:
        # The rest is advice to who can change the program that reads the file.
        return Failure("unsupported", f"{path}: it needs Python code that is not in the file (a custom or Lambda layer); where that code is, "
                                      f"model.export() makes a SavedModel that runs without it: {words.split('. ')[0]}")
    return Failure("invalid_model", f"{path}: Keras cannot read it: {type(error).__name__}: {words}")


def load_file(runtime, artifact):
    """A .keras or .h5 file."""
    import zipfile

    path, endings = artifact["path"], ENDINGS[artifact["format"]]
    if not path.endswith(endings):
        raise Failure("unsupported", f"{path}: Keras goes by the name, and reads this format only from {' or '.join(endings)}; rename the file")
    # Keras itself would say that such a file is not there.
    if artifact["format"] == "keras" and not zipfile.is_zipfile(path):
        raise Failure("invalid_model", f"{path}: not a Keras file: no zip archive, or one that is cut short")
    try:
        model = runtime.keras.models.load_model(path, compile=False)
    except Exception as error:
        raise refusal(path, error) from error
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise Failure("unsupported", f"{path}: the model does not tell its inputs; save one that was built (Sequential with an Input, or functional)")
    return model


def load_saved_model(runtime, path, signature):
    """A SavedModel as a layer, wrapped so that predict() takes it."""
    keras = runtime.keras
    if not os.path.isfile(os.path.join(path, "saved_model.pb")):
        raise Failure("invalid_model", f"{path}: not a SavedModel folder: it has no saved_model.pb")
    try:
        class Signature(keras.layers.TFSMLayer):
            """Signatures take their inputs by name; the layer itself passes them by position."""

            def call(self, inputs, training=False):
                return self.call_endpoint_fn(**inputs)

        layer = Signature(path, call_endpoint=signature)
        taken = layer.call_endpoint_fn.structured_input_signature[1]
    except Exception as error:
        if "call_endpoint" in str(error):
            raise Failure("unsupported", f"{path}: it has no signature '{signature}' (-o keras.signature=...): {shortened(error)}") from error
        # A file without any graph has no tags either: that one is cut short.
        if "tags" in str(error) and "there are 0 MetaGraphs" not in str(error):
            raise Failure("unsupported", f"{path}: {shortened(error)}") from error
        raise refusal(path, error) from error
    specs = [spec_of(path, name, None if spec.shape.rank is None else spec.shape.as_list(), spec.dtype) for name, spec in sorted(taken.items())]
    try:
        inputs = {spec["name"]: keras.Input(batch_shape=[None if e < 0 else e for e in spec["shape"]], dtype=taken[spec["name"]].dtype.name,
                                            name=spec["name"]) for spec in specs}
        return keras.Model(inputs, layer(inputs))
    except Exception as error:
        raise refusal(path, error) from error


def output_names(model):
    """Its author's names: of a functional model the output layers', in a dictionary its keys."""
    if isinstance(getattr(model, "_outputs_struct", None), dict):
        return sorted(model._outputs_struct)
    names = getattr(model, "output_names", None) or [model.layers[-1].name]
    return list(names) if len(set(names)) == len(model.outputs) else [f"output_{i}" for i in range(len(model.outputs))]


class Model:
    def __init__(self, runtime, model, artifact, options):
        self.runtime, self.keras_model, self.mode = runtime, model, options["engine"]["mode"]
        path, saved = artifact["path"], artifact["format"] == "savedmodel"
        self.unread = [] if saved else ["signature"]
        self.inputs = [spec_of(path, tensor.name, tensor.shape, tensor.dtype) for tensor in model.inputs]
        self.outputs = [spec_of(path, name, tensor.shape, tensor.dtype) for name, tensor in zip(output_names(model), model.outputs)]
        self.by_name = isinstance(getattr(model, "_inputs_struct", None), dict)
        # One graph for all requests; a shape is traced when it comes first.
        # Without autograph: it would write the lambda's source to a file in /tmp, which a killed worker leaves there.
        self.function = runtime.tf.function(lambda inputs: model(inputs, training=False), autograph=False) if self.mode == "function" else None
        threading = runtime.tf.config.threading
        self.effective = {
            "runtime": f"Keras {runtime.keras.__version__} on TensorFlow {runtime.tf.__version__}, Python",
            "mode": self.mode,
            "through": "TFSMLayer in a functional model" if saved else type(model).__name__,
            "intra_op_threads": threading.get_intra_op_parallelism_threads(),
            "inter_op_threads": threading.get_inter_op_parallelism_threads(),
            "onednn": runtime.onednn(),
            "precision": str(getattr(model.dtype_policy, "compute_dtype", NOT_TOLD)).replace("float32", "f32"),
            "cpu_instructions": NOT_TOLD,
            "import_ns": runtime.import_ns,
            "timed_copies": ["numpy inputs are handed over, results are allocated and made numpy arrays, in every run"],
        }
        if self.mode == "predict":
            self.effective["predict_batch_size"] = "the batch of the inputs: one step"

    def new_request(self, shapes):
        return Request(self, shapes)

    def close(self):
        self.keras_model = self.function = None
        self.runtime.keras.utils.clear_session()
        gc.collect()


class Request:
    def __init__(self, model, shapes):
        self.model, self.outputs = model, []
        numpy, names = model.runtime.numpy, {ours: theirs for theirs, ours in TYPES.items()}
        self.inputs = [aligned(numpy, shapes[spec["name"]], names[spec["type"]]) for spec in model.inputs]
        if model.by_name:
            self.given = {spec["name"]: array for spec, array in zip(model.inputs, self.inputs)}
        else:
            self.given = self.inputs if len(self.inputs) > 1 else self.inputs[0]
        batch = self.inputs[0].shape[0] if self.inputs and self.inputs[0].ndim else 1
        keras_model, flatten = model.keras_model, model.runtime.keras.tree.flatten
        if model.mode == "predict":
            self.answer = lambda: flatten(keras_model.predict(self.given, batch_size=batch, verbose=0))
        elif model.mode == "call":
            self.answer = lambda: [tensor.numpy() for tensor in flatten(keras_model(self.given, training=False))]
        else:
            function = model.function
            self.answer = lambda: [tensor.numpy() for tensor in flatten(function(self.given))]

    def run(self):
        try:
            # A result of rank 0 comes as a number.
            self.outputs = [self.model.runtime.numpy.ascontiguousarray(array) if not hasattr(array, "flags") else array for array in self.answer()]
        except Failure:
            raise
        except Exception as error:
            raise Failure("engine_failed", f"running the model ({self.model.mode}): {type(error).__name__}: {shortened(error)}") from error


def aligned(numpy, shape, dtype):
    """Zeros whose memory TensorFlow can take as it is: it copies what does not start at a multiple of 64."""
    dtype = numpy.dtype(dtype)
    count = int(numpy.prod(shape, dtype=numpy.int64))
    memory = numpy.zeros(count * dtype.itemsize + 64, numpy.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + count * dtype.itemsize].view(dtype).reshape(shape)


class Keras:
    def __init__(self):
        self.runtime = None

    def info(self):
        """From how the packages are installed: importing TensorFlow would take seconds."""
        keras, keras_file = installed("keras", "keras")
        tensorflow, tensorflow_file = installed("tensorflow", "tensorflow_cpu")
        return {
            "name": "keras", "version": f"{keras} (TensorFlow {tensorflow})",
            "reads": ["keras", "keras-h5", "savedmodel"], "census": ["keras", "keras-h5"], "devices": ["cpu"], "precisions": ["f32"], "options": OPTIONS,
            "batch_changes_after_load": True,
            # predict() changes the model that it is called on, so two at a time are not safe.
            "max_requests": 1,
            "note": "a baseline in Python; load includes importing TensorFlow; the interpreter's thread and the operators' work in turn: both may show as busy",
            # A SavedModel may come from anywhere.
            "framework": {"name": "Keras", "makes": ["keras", "keras-h5"], "options": {}},
            "for_testing": False, "libraries": [keras_file, tensorflow_file],
        }

    def census(self, artifact, options):
        """A file's layers, for `bakeoff inspect`."""
        import keras_census

        self.runtime = self.runtime or Runtime(read_threads(options))
        loaded = Model(self.runtime, load_file(self.runtime, artifact), artifact, options)
        return keras_census.census(self.runtime, loaded.keras_model, loaded.inputs, loaded.outputs, artifact, options, TYPES)

    def load(self, artifact, options):
        threads = read_threads(options)
        check_onednn(options["engine"]["onednn"])
        if self.runtime is not None and self.runtime.threads != threads:
            raise Failure("unsupported", f"TensorFlow fixed its threads when it started ({self.runtime.threads['intra_threads']} inside operators, "
                                         f"{self.runtime.threads['inter_threads']} between them): start a new worker to change them")
        self.runtime = self.runtime or Runtime(threads)
        if artifact["format"] == "savedmodel":
            model = load_saved_model(self.runtime, artifact["path"], options["engine"]["signature"])
        else:
            model = load_file(self.runtime, artifact)
        return Model(self.runtime, model, artifact, options)


if __name__ == "__main__":
    bakeoff_worker.main(Keras())
