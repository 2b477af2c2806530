# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The host's side of the wire protocol in a few lines, for tests that look at a worker without bakeoff in between."""
import json
import os
import struct
import subprocess

MAGIC = b"\x01BAKEOFF-WORKER\x02"
CODES = {"f32": "f", "i64": "q"}


class Worker:
    def __init__(self, words, **environment):
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, **environment})
        start = self.process.stdout.read(20)
        if start[:16] != MAGIC:
            raise AssertionError(f"no handshake but {start!r}: {self.process.stderr.read().decode()}")
        self.version = struct.unpack("<I", start[16:])[0]
        self.hello = self.receive()[0]["hello"]
        self.id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def receive(self):
        start = self.process.stdout.read(12)
        if len(start) < 12:
            raise EOFError(self.process.wait())
        head_bytes, payload_bytes = struct.unpack("<IQ", start)
        head = json.loads(self.process.stdout.read(head_bytes))
        payload = self.process.stdout.read(payload_bytes)
        tensors, at = {}, 0
        for spec in head.get("tensors", []):
            count = 1
            for extent in spec["shape"]:
                count *= extent
            form = f"<{count}{CODES[spec['type']]}"
            tensors[spec["name"]] = struct.unpack_from(form, payload, at)
            at += struct.calcsize(form)
        return head, tensors

    def send(self, op, tensors=(), **fields):
        """tensors: (name, type, shape, values) each."""
        self.id += 1
        specs = [{"name": name, "type": dtype, "shape": shape} for name, dtype, shape, _ in tensors]
        payload = b"".join(struct.pack(f"<{len(values)}{CODES[dtype]}", *values) for _, dtype, _, values in tensors)
        head = {"id": self.id, "op": op, **fields, **({"tensors": specs} if specs else {})}
        text = json.dumps(head).encode()
        self.process.stdin.write(struct.pack("<IQ", len(text), len(payload)) + text + payload)
        self.process.stdin.flush()

    def ask(self, op, tensors=(), **fields):
        """The reply's head and tensors; events are left out."""
        self.send(op, tensors, **fields)
        while True:
            head, got = self.receive()
            if "event" not in head:
                return head, got
