# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Small ONNX models byte by byte, whole and wrong in a stated way: no library would write what the tests of bad input need."""
import struct

FLOAT = 1


def varint(value):
    text = b""
    while value > 127:
        text += bytes([value & 127 | 128])
        value >>= 7
    return text + bytes([value])


def field(number, value):
    """One field of a protobuf message: a number, or text or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


def port(name, *dims, kind=FLOAT):
    """Text is the name of a free extent."""
    shape = b"".join(field(1, field(1, dim) if isinstance(dim, int) else field(2, dim)) for dim in dims)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def tensor(name, dims, content, kind=FLOAT):
    return b"".join(field(1, dim) for dim in dims) + field(2, kind) + field(8, name) + field(9, content)


def outside(name, dims, location, offset, length, kind=FLOAT):
    """A tensor whose bytes lie in another file."""
    entries = ("location", location), ("offset", str(offset)), ("length", str(length))
    told = b"".join(field(13, field(1, key) + field(2, value)) for key, value in entries)
    return b"".join(field(1, dim) for dim in dims) + field(2, kind) + field(8, name) + told + field(14, 1)


def node(op, inputs, outputs, name="", attributes=b"", domain=""):
    text = b"".join(field(1, value) for value in inputs) + b"".join(field(2, value) for value in outputs)
    return text + (field(3, name) if name else b"") + field(4, op) + attributes + (field(7, domain) if domain else b"")


def model(nodes, inputs, outputs, weights=(), opset=17, domain=""):
    graph = b"".join(field(1, each) for each in nodes) + field(2, "g") + b"".join(field(5, each) for each in weights)
    graph += b"".join(field(11, each) for each in inputs) + b"".join(field(12, each) for each in outputs)
    opsets = field(8, field(1, "") + field(2, opset)) + (field(8, field(1, domain) + field(2, 1)) if domain else b"")
    return field(1, 8) + field(7, graph) + opsets
