# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What a Keras file consists of: its layers, its variables, and the multiply-adds of the graph that its call traces to."""
import json
import math
import zipfile

from bakeoff_worker import complete_shapes, shortened

# What is stored in whole numbers is no weight: seeds of random layers, counters.
WHOLE = ("int32", "int64", "uint32", "uint64", "bool")


def layers_of(model):
    """Every call of a layer, nested models taken apart; the inputs are none."""
    function = getattr(model, "_functional", None) or model
    nodes = getattr(function, "_nodes_by_depth", None)
    found = model.layers if nodes is None else [node.operation for at_depth in nodes.values() for node in at_depth]
    for layer in found:
        if type(layer).__name__ == "InputLayer":
            continue
        if getattr(layer, "layers", None):
            yield from layers_of(layer)
        else:
            yield layer


def extents(tensor):
    shape = tensor.shape
    return None if shape.rank is None or None in shape.as_list() else shape.as_list()


def multiply_adds(operation):
    """As the host's reader of the same operators counts them; None where a shape is missing."""
    kind = operation.type
    if kind in ("Conv2D", "Conv3D", "DepthwiseConv2dNative"):
        out, kernel = extents(operation.outputs[0]), extents(operation.inputs[1])
        if out is None or kernel is None:
            return None
        return math.prod(out) * math.prod(kernel[:2] if kind.startswith("Depthwise") else kernel[:-1])
    if kind == "Conv2DBackpropInput":
        kernel, small = extents(operation.inputs[1]), extents(operation.inputs[2])
        return None if kernel is None or small is None else math.prod(small) * math.prod(kernel[:-1])
    if kind == "MatMul" or kind.startswith("BatchMatMul"):
        a, out = extents(operation.inputs[0]), extents(operation.outputs[0])
        turned = operation.get_attr("transpose_a" if kind == "MatMul" else "adj_x")
        return None if a is None or out is None else math.prod(out) * a[-2 if turned else -1]
    return 0


UNCOUNTED = ("Einsum", "While", "StatelessWhile", "If", "StatelessIf", "CudnnRNNV3", "Conv3DBackpropInputV2", "FFT", "RFFT")


def count(runtime, model, shapes):
    """(multiply-adds or None, names of what is not counted, notes) of one run with these shapes."""
    tf = runtime.tf
    given = [tf.TensorSpec(shapes[tensor.name], tensor.dtype) for tensor in model.inputs]
    if isinstance(getattr(model, "_inputs_struct", None), dict):
        given = {tensor.name: spec for tensor, spec in zip(model.inputs, given)}
    elif len(given) == 1:
        given = given[0]
    try:
        graph = tf.function(lambda inputs: model(inputs, training=False), autograph=False).get_concrete_function(given).graph
    except Exception as error:
        return None, [], [f"multiply-adds are not known: tracing the model: {shortened(error)}"]
    total, uncounted, missing = 0, [], []
    for operation in graph.get_operations():
        if operation.type in UNCOUNTED:
            uncounted.append(f"{operation.name} ({operation.type})")
            continue
        number = multiply_adds(operation)
        if number is None:
            missing.append(f"{operation.name} ({operation.type})")
        else:
            total += number
    notes = [f"multiply-adds are not known: shapes are missing at {', '.join(missing[:3])}"] if missing else []
    return None if missing else total, uncounted, notes


def producer(path, keras_format):
    """What the file says; nothing where it does not."""
    try:
        if keras_format == "keras":
            with zipfile.ZipFile(path) as archive:
                return "Keras " + json.loads(archive.read("metadata.json"))["keras_version"]
        import h5py

        with h5py.File(path, "r") as file:
            version = file.attrs["keras_version"]
            return "Keras " + (version.decode() if isinstance(version, bytes) else str(version))
    except (KeyError, ValueError, OSError, zipfile.BadZipFile):
        return ""


def census(runtime, model, inputs, outputs, artifact, options, types):
    operators, parameters, by_type, quantised = {}, 0, {}, False
    for layer in layers_of(model):
        name = type(layer).__name__
        operators[name] = operators.get(name, 0) + 1
        quantised |= getattr(layer, "quantization_mode", None) is not None
    for variable in model.variables:
        size, dtype = math.prod(variable.shape), str(variable.dtype)
        short = types.get(dtype, dtype)
        by_type[short] = by_type.get(short, 0) + size * runtime.numpy.dtype("float16" if dtype == "bfloat16" else dtype).itemsize
        quantised |= dtype in ("int8", "uint8")
        if dtype not in WHOLE:
            parameters += size
    shapes, note = complete_shapes(inputs, options)
    number, uncounted, notes = count(runtime, model, shapes) if shapes is not None else (None, [], [note])
    return {"inputs": inputs, "outputs": outputs, "shapes": shapes, "producer": producer(artifact["path"], artifact["format"]), "notes": notes,
            "census": {"operators": operators, "parameters": parameters, "bytes_by_type": by_type, "quantised": quantised,
                       "multiply_adds": number, "not_counted": uncounted}}
