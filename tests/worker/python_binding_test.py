#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The binding of the Python baselines, with an engine that needs no package: answers, measuring, and failures of every callback."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

from protocol_client import Worker

HERE = pathlib.Path(__file__).parent
WORDS = [sys.executable, str(HERE / "plain_engine.py")]
LIBRARY = str((pathlib.Path(os.environ["BAKEOFF_BIN"]).parent / "lib" / "libbakeoff_worker.so").resolve())
X = ("x", "f32", [2, 3], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])


def start():
    return Worker(WORDS, BAKEOFF_WORKER_LIBRARY=LIBRARY)


def load(worker, **engine):
    return worker.ask("load", options={"engine": engine, "shapes": {"x": [2, 3]}})[0]


class PythonBinding(unittest.TestCase):
    def test_describes_itself_and_what_makes_that_stale(self):
        out = subprocess.run(WORDS + ["--describe"], check=True, capture_output=True, env={**os.environ, "BAKEOFF_WORKER_LIBRARY": LIBRARY}).stdout
        info = json.loads(out)
        self.assertEqual((info["name"], info["options"][0]["name"]), ("plain", "trouble"))
        modules = sorted((pathlib.Path(os.environ["BAKEOFF_SOURCE"]) / "engines/python").glob("*.py"))
        self.assertGreater(len(modules), 5, "the premise: there are modules beside the binding")
        for file in (WORDS[1], *map(str, modules)):
            self.assertIn(file, info["libraries"])
        self.assertIn(LIBRARY, [os.path.realpath(path) for path in info["libraries"]])

    def test_answers_for_every_shape(self):
        with start() as worker:
            self.assertIn("ok", load(worker))
            self.assertEqual(worker.ask("infer", [X])[1], {"total": (6, 15), "double": (2.0, 4.0, 6.0, 8.0, 10.0, 12.0)})
            self.assertEqual(worker.ask("infer", [("x", "f32", [1, 1], [7.0])])[1], {"total": (7,), "double": (14.0,)})

    def test_is_measured_and_tells_what_a_callback_costs(self):
        with start() as worker:
            overhead = load(worker)["ok"]["effective"]["callback_overhead_ns"]
            self.assertTrue(50 < overhead < 1_000_000, overhead)
            head, tensors = worker.ask("measure", [X], plan={"scenario": "single-stream", "count": 40})
            self.assertEqual((head["ok"]["result"]["runs"], len(tensors["latency_ns"])), (40, 40))
            self.assertEqual(worker.ask("infer", [X])[1]["total"], (6, 15))

    def test_runs_come_from_several_threads(self):
        with start() as worker:
            worker.ask("load", options={"streams": 3, "shapes": {"x": [2, 3]}})
            head, _ = worker.ask("measure", [X], plan={"scenario": "offline", "count": 60})
            self.assertEqual(head["ok"]["result"]["requests"], 3)

    def test_failure_keeps_its_code_and_words_fails(self):
        with start() as worker:
            worker.ask("load", artifact={"path": "", "format": "any"}, options={"engine": {"trouble": ""}, "shapes": {"x": [2, 3]}})
            error = load(worker, trouble="in-load")["error"]
            self.assertEqual((error["code"], error["text"]), ("invalid_model", ": not a model"))
            load(worker, trouble="in-request")
            error = worker.ask("infer", [X])[0]["error"]
            self.assertEqual((error["code"], error["text"]), ("unsupported", "input 'x' is too shy"))
            self.assertIn("ok", load(worker))
            self.assertEqual(worker.ask("infer", [X])[1]["total"], (6, 15))

    def test_stray_exception_is_one_short_line_and_the_worker_goes_on_fails(self):
        with start() as worker:
            load(worker, trouble="in-run")
            error = worker.ask("infer", [X])[0]["error"]
            self.assertEqual((error["code"], error["text"]), ("engine_failed", "inference: ValueError: no good number"))
            self.assertEqual(load(worker, trouble="exit")["error"]["text"], "SystemExit: leaving")
            error = load(worker, trouble="long")["error"]
            self.assertLess(len(error["text"]), 350)
            self.assertIn("ok", load(worker))

    def test_outputs_that_contradict_the_description_fail(self):
        with start() as worker:
            load(worker, trouble="wrong-type")
            error = worker.ask("infer", [X])[0]["error"]
            self.assertEqual(error["code"], "engine_failed")
            self.assertIn("'total' came as 6 elements of 4 bytes", error["text"])
            load(worker, trouble="too-few")
            self.assertEqual(worker.ask("infer", [X])[0]["error"]["code"], "engine_failed")

    def test_option_that_nobody_reads_fails(self):
        with start() as worker:
            error = load(worker, idle="1")["error"]
            self.assertEqual(error["code"], "usage")
            self.assertIn("idle", error["text"])

    def test_ends_with_its_model_closed(self):
        with start() as worker:
            load(worker)
            self.assertEqual(worker.ask("bye")[0]["ok"], {})
            self.assertEqual(worker.process.wait(10), 0)
            self.assertIn("closed", worker.process.stderr.read().decode())


if __name__ == "__main__":
    unittest.main()
