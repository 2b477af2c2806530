# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What an exported program consists of: its graph's operators, its tensors, and the multiply-adds of one run."""
from bakeoff_worker import complete_shapes, shortened


def tensors_of(module):
    """Parameters, buffers and the constants that the graph reads, each once."""
    found = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    for node in module.graph.nodes:
        if node.op == "get_attr":
            value = module
            for part in node.target.split("."):
                value = getattr(value, part, None)
            if hasattr(value, "numel"):
                found.setdefault(id(value), value)
    return found.values()


def count(runtime, loaded, shapes):
    """PyTorch's own counter of one run: two operations per multiply-add."""
    from torch.utils.flop_counter import FlopCounterMode

    torch = runtime.torch
    inputs = [torch.zeros(shapes[spec["name"]], dtype=runtime.dtypes[spec["type"]]) for spec in loaded.inputs]
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        loaded.call(loaded.module, inputs)
    return counter.get_total_flops() // 2


def census(runtime, loaded, options):
    torch, operators, parameters, by_type, quantised = runtime.torch, {}, 0, {}, False
    for node in loaded.module.graph.nodes:
        if node.op == "call_function":
            # "aten.conv2d.default", without which of its overloads
            name = ".".join(str(node.target).split(".")[:2])
            if "getitem" in name or name.startswith("<") or "_guard" in name or "sym_" in name:
                continue
            operators[name] = operators.get(name, 0) + 1
            quantised |= "quantize" in name
    for tensor in tensors_of(loaded.module):
        short = runtime.types.get(tensor.dtype, str(tensor.dtype))
        by_type[short] = by_type.get(short, 0) + tensor.numel() * tensor.element_size()
        quantised |= tensor.dtype in (torch.int8, torch.uint8)
        # Counters, shapes and axes are no weights.
        if tensor.dtype not in (torch.int32, torch.int64, torch.bool):
            parameters += tensor.numel()
    shapes, note = complete_shapes(loaded.inputs, options)
    notes, number = [note] if note else [], None
    if shapes is not None:
        try:
            loaded.check(shapes)
            number = count(runtime, loaded, shapes)
        except Exception as error:
            notes.append(f"multiply-adds are not known: running the program: {type(error).__name__}: {shortened(error)}")
    return {"inputs": loaded.inputs, "outputs": loaded.outputs, "shapes": shapes, "notes": notes,
            "census": {"operators": operators, "parameters": parameters, "bytes_by_type": by_type, "quantised": quantised,
                       "multiply_adds": number}}
