# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""A worker's other end in a few lines of Python: enough of docs/architecture.md to load a model and ask for answers."""
import array
import json
import math
import os
import pathlib
import struct
import subprocess
import unittest

BIN = pathlib.Path(os.environ["BAKEOFF_BIN"])
FIXTURES = pathlib.Path(os.environ["BAKEOFF_SOURCE"]) / "tests/fixtures"
CODES = {"f32": "f", "f64": "d", "i8": "b", "u8": "B", "i16": "h", "i32": "i", "i64": "q"}


class Refused(Exception):
    def __init__(self, error):
        super().__init__(error["text"])
        self.code = error["code"]


class Worker:
    """One worker process; use as a context."""

    def __init__(self, name, environment=None, cpus=None):
        words = [str(BIN / f"bakeoff-engine-{name}")] + (["--cpus", str(cpus)] if cpus else [])
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **(environment or {})})
        self.id = 0
        self.process.stdout.read(20)
        self._receive()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _receive(self):
        head_bytes, payload_bytes = struct.unpack("<IQ", self.process.stdout.read(12))
        head = json.loads(self.process.stdout.read(head_bytes))
        return head, self.process.stdout.read(payload_bytes)

    def call(self, operation, tensors=(), **fields):
        """The reply's `ok` and its tensors as {name: (type, shape, values)}; an error reply raises Refused."""
        self.id += 1
        head = {"id": self.id, "op": operation, **fields}
        if tensors:
            head["tensors"] = [{"name": name, "type": kind, "shape": shape} for name, kind, shape, _ in tensors]
        payload = b"".join(array.array(CODES[kind], values).tobytes() for _, kind, _, values in tensors)
        text = json.dumps(head).encode()
        self.process.stdin.write(struct.pack("<IQ", len(text), len(payload)) + text + payload)
        self.process.stdin.flush()
        while True:
            head, payload = self._receive()
            if "event" not in head:
                break
        if "error" in head:
            raise Refused(head["error"])
        results, at = {}, 0
        for tensor in head.get("tensors") or head["ok"].get("tensors") or []:
            size = math.prod(tensor["shape"])
            code = CODES.get(tensor["type"], "H")
            end = at + size * array.array(code).itemsize
            results[tensor["name"]] = (tensor["type"], tensor["shape"], array.array(code, payload[at:end]))
            at = end
        return head["ok"], results

    def load(self, file, kind, options=None, threads=1, precision="f32", shapes=None):
        return self.call("load", artifact={"path": str(file), "format": kind, "inputs": [], "outputs": [], "layouts": {}},
                         options={"device": "cpu", "threads": threads, "precision": precision, "streams": 1,
                                  "shapes": shapes or {}, "engine": options or {}})[0]


class EngineTest(unittest.TestCase):
    """Skips where the engine named by `engine` is not in this build."""

    engine = ""

    @classmethod
    def setUpClass(cls):
        rows = json.loads((BIN / "bakeoff-engines.json").read_text())["engines"]
        row = next((row for row in rows if row["name"] == cls.engine), {"built": False, "reason": "unknown"})
        if not row["built"]:
            raise unittest.SkipTest(row["reason"])

    def assert_refused(self, code, words, call):
        with self.assertRaises(Refused) as caught:
            call()
        self.assertEqual(caught.exception.code, code, str(caught.exception))
        for word in words:
            self.assertIn(word, str(caught.exception))

    def assert_close(self, one, other, tolerance):
        self.assertEqual(len(one), len(other))
        self.assertGreater(max(one) - min(one), 0.1, "the premise: the answers differ among themselves")
        self.assertLess(max(abs(a - b) for a, b in zip(one, other)), tolerance)
