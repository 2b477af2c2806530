#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Writes the first inputs of each fuzz target: small right files, made here or taken from tests/fixtures.

tests/fuzz/make_seeds.py FOLDER
"""
import gzip
import io
import json
import pathlib
import pickle
import shutil
import struct
import sys
import tarfile
import types
import zipfile
import zlib

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
MAGIC = b"\x01BAKEOFF-WORKER\x02"


def frame(head, payload=b""):
    text = json.dumps(head).encode()
    return struct.pack("<IQ", len(text), len(payload)) + text + payload


def frames():
    tensor = {"name": "x", "type": "f32", "shape": [2, 2], "bytes": 16}
    start = MAGIC + struct.pack("<I", 1) + frame({"hello": {"shm": True}})
    yield "hello", start
    yield "banner", b"welcome to the board\n" + start
    yield "tensor", start + frame({"id": 1, "ok": {}, "tensors": [tensor]}, bytes(16))
    yield "shared", start + frame({"id": 2, "ok": {}, "tensors": [tensor | {"shm_offset": 64}]})
    yield "event", start + frame({"id": 3, "event": "progress", "done": 0.5}) + frame({"id": 3, "error": {"code": "timeout", "text": "t"}})
    spec = {"name": "x", "type": "f32", "shape": [-1, 3]}
    info = {"name": "fake", "version": "1", "reads": ["onnx"], "devices": ["cpu"], "precisions": ["f32"],
            "options": [{"name": "seed", "default": "1", "help": "of numbers"}], "dynamic_batch": True}
    yield "described", start + frame({"id": 4, "ok": {}, "info": info, "spec": spec})


def npy():
    for version, size in ((1, "<H"), (2, "<I")):
        for kind, order, shape in (("<f4", False, "(2, 3)"), (">i2", True, "(3, 2)"), ("|u1", False, "()"), ("<f8", False, "(0, 4)")):
            head = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
            yield f"v{version}{kind[1:]}", b"\x93NUMPY" + bytes([version, 0]) + struct.pack(size, len(head)) + head + bytes(48)


def safetensors():
    head = json.dumps({"__metadata__": {"arch": "mlp"}, "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
                       "b": {"dtype": "BF16", "shape": [0], "data_offsets": [16, 16]}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(16)


def torch_archive():
    """A state dict as torch.save() writes it: its pickle names functions of torch, which need not be there to be named."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    class FloatStorage:
        pass

    def _rebuild_tensor_v2(*_):
        pass

    FloatStorage.__module__, FloatStorage.__qualname__ = "torch", "FloatStorage"
    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch.FloatStorage, utils._rebuild_tensor_v2 = FloatStorage, _rebuild_tensor_v2
    sys.modules.update({"torch": torch, "torch._utils": utils})

    class Storage:
        def __init__(self, key, count):
            self.key, self.count = key, count

    class Tensor:
        def __init__(self, storage, shape, strides):
            self.parts = (storage, 0, shape, strides, False, {})

        def __reduce__(self):
            return _rebuild_tensor_v2, self.parts

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return ("storage", FloatStorage, value.key, "cpu", value.count) if isinstance(value, Storage) else None

    program = io.BytesIO()
    storage = Storage("0", 6)
    Pickler(program, 2).dump({"state_dict": {"w": Tensor(storage, (2, 3), (3, 1)), "t": Tensor(storage, (3, 2), (1, 3))}, "epoch": 1})
    for name in ("torch", "torch._utils"):
        del sys.modules[name]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", program.getvalue())
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/data/0", struct.pack("<6f", *range(6)))
        archive.writestr("archive/version", "3\n")
    return file.getvalue()


def archives():
    entries = {"apple/1.bmp": b"BM" + bytes(60), "pear/2.bmp": b"x" * 700}
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", compression) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        yield f"zip{compression}", file.getvalue()
    for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=kind) as archive:
            for name, content in (entries | {"deep/" * (15 if kind == 0 else 60) + "3.bmp": b"y"}).items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        yield f"tar{kind}", file.getvalue()
        yield f"tgz{kind}", gzip.compress(file.getvalue())


def images():
    for bits, palette in ((1, 2), (4, 16), (8, 256), (24, 0), (32, 0)):
        row = (5 * bits + 31) // 32 * 4
        pixels = bytes(row * 3)
        start = 54 + 4 * palette
        head = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start)
        head += struct.pack("<IiiHHIIiiII", 40, 5, 3 if bits != 24 else -3, 1, bits, 0, len(pixels), 0, 0, palette, 0)
        yield f"bmp{bits}", head + bytes(4 * palette) + pixels
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    yield "png", (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)) +
                  chunk(b"IDAT", zlib.compress(bytes(14))) + chunk(b"IEND", b""))
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x112, 3, 1, 6, 0, 0)
    exif = b"Exif\0\0" + tiff
    yield "jpeg", b"\xff\xd8\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif + b"\xff\xc0\x00\x0b\x08\x00\x02\x00\x02\x01\x01\x11\x00\xff\xd9"


def model_folders():
    port = {"name": "x", "type": "f32", "shape": [-1, 3, 8, 8], "layout": "NCHW"}
    model = {"schema": 1, "name": "m", "format": "torchscript", "file": "model.pt", "inputs": [port],
             "outputs": [{"name": "y", "type": "f32", "shape": [-1, 2]}], "classes": ["a", "b"]}
    yield "plain", json.dumps(model).encode()
    model["preprocess"] = {"resize": {"mode": "short_side", "size": 10, "filter": "bilinear"}, "center_crop": [8, 8], "scale": 0.1,
                           "mean": [0.1, 0.2, 0.3], "std": [1, 1, 1], "layout": "NCHW", "color": "RGB"}
    yield "whole", json.dumps(model).encode()


def descriptions():
    """The JSON by itself, and in each container but TFLite's, which a fixture stands for."""
    text = dict(model_folders())["whole"]
    yield "json", text
    field = lambda number, data: bytes([number << 3 | 2]) + (bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 127 | 128, len(data) >> 7])) + data
    yield "onnx", b"\x08\x08" + field(7, b"") + field(14, field(1, b"bakeoff.model") + field(2, text))
    yield "xml", b'<net version="11"><rt_info><bakeoff><model value="' + text.replace(b'"', b"&quot;") + b'"/></bakeoff></rt_info></net>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("archive/extra/bakeoff.model.json", text)
    yield "zip", content.getvalue()
    yield from fixtures("*.tflite")


def fixtures(*patterns):
    for pattern in patterns:
        for path in sorted(FIXTURES.glob(pattern)):
            if path.is_file():
                yield path.name, path.read_bytes()


def main(folder):
    weights = [("safetensors", safetensors()), ("torch", torch_archive())]
    seeds = {"frames": frames(), "npy": npy(), "weights": weights, "archive": archives(), "image": images(), "model_folder": model_folders(),
             "onnx": fixtures("*.onnx"), "ort": fixtures("*.ort"), "graph_def": fixtures("*.pb"), "tflite": fixtures("*.tflite"), "net_xml": fixtures("*.xml"),
             "description": descriptions(), "probe": fixtures("*.onnx", "*.pt", "*.pt2", "*.keras", "*.pb")}
    for target, files in seeds.items():
        shutil.rmtree(folder / target, ignore_errors=True)
        (folder / target).mkdir(parents=True)
        for name, content in files:
            (folder / target / name).write_bytes(content)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
