# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The smallest engine over engines/python/bakeoff_worker.py, without any package: total = sum of x per row, and x doubled."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(os.environ["BAKEOFF_SOURCE"]) / "engines" / "python"))
import bakeoff_worker  # noqa: E402


class Request:
    def __init__(self, shape, trouble):
        self.trouble, (rows, columns) = trouble, shape
        self.inputs = [memoryview(bytearray(4 * rows * columns)).cast("f", (rows, columns))]
        self.total = memoryview(bytearray(8 * rows)).cast("q", (rows,))
        self.double = memoryview(bytearray(4 * rows * columns)).cast("f", (rows, columns))

    def run(self):
        if self.trouble == "in-run":
            raise ValueError("no\n   good   number")
        x, (rows, columns) = self.inputs[0], self.inputs[0].shape
        for row in range(rows):
            self.total[row] = int(sum(x[row, column] for column in range(columns)))
            for column in range(columns):
                self.double[row, column] = 2 * x[row, column]

    @property
    def outputs(self):
        return {"wrong-type": [self.double, self.double], "too-few": [self.total]}.get(self.trouble, [self.total, self.double])


class Model:
    inputs = [{"name": "x", "type": "f32", "shape": [-1, -1]}]
    outputs = [{"name": "total", "type": "i64", "shape": [-1]}, {"name": "double", "type": "f32", "shape": [-1, -1]}]
    effective = {"provider": "python"}
    unread = ["idle"]

    def __init__(self, trouble):
        self.trouble = trouble

    def new_request(self, shapes):
        if self.trouble == "in-request":
            raise bakeoff_worker.Failure("unsupported", "input 'x' is too shy")
        return Request(shapes["x"], self.trouble)

    def close(self):
        print("closed", file=sys.stderr, flush=True)


class Engine:
    def info(self):
        return {"name": "plain", "version": "1", "reads": ["any"], "devices": ["cpu"], "precisions": ["f32"], "max_requests": 0,
                "batch_changes_after_load": True, "for_testing": True,
                "options": [{"name": "trouble", "default": "", "help": "Which callback fails, and how."},
                            {"name": "idle", "default": "", "help": "Nobody reads it."}]}

    def load(self, artifact, options):
        trouble = options["engine"]["trouble"]
        if trouble == "in-load":
            raise bakeoff_worker.Failure("invalid_model", f"{artifact['path']}: not a model")
        if trouble == "exit":
            sys.exit("leaving")
        if trouble == "long":
            raise RuntimeError("word " * 1000)
        return Model(trouble)


bakeoff_worker.main(Engine())
