#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The worker library behind its C interface: a Python engine by ctypes does what an engine in C++ does."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

from protocol_client import Worker

WORDS = [sys.executable, str(pathlib.Path(__file__).with_name("worker_for_c_api.py"))]
X = ("x", "f32", [1, 2], [3.0, 4.0])


class CInterface(unittest.TestCase):
    def test_describes_itself(self):
        info = json.loads(subprocess.run(WORDS + ["--describe"], check=True, capture_output=True).stdout)
        self.assertEqual((info["name"], info["version"], info["options"][0]["name"]), ("scale", "3", "factor"))

    def test_runs_and_is_measured_as_any_engine(self):
        with Worker(WORDS) as worker:
            self.assertEqual(worker.hello["worker"], "scale")
            ok = worker.ask("load", options={"engine": {"factor": "10"}})[0]["ok"]
            self.assertEqual(ok["effective"]["provider"], "python")
            # A call into Python costs at least some hundred nanoseconds, and no millisecond.
            self.assertTrue(50 < ok["effective"]["callback_overhead_ns"] < 1_000_000, ok["effective"])
            self.assertEqual(worker.ask("infer", [X])[1]["y"], (30.0, 40.0))
            self.assertEqual(worker.ask("infer", [("x", "f32", [2, 2], [1, 2, 3, 4])])[1]["y"], (10.0, 20.0, 30.0, 40.0))
            for scenario in "single-stream", "offline":
                head, tensors = worker.ask("measure", [X], plan={"scenario": scenario, "count": 50})
                self.assertEqual(head["ok"]["result"]["runs"], 50)
                self.assertEqual(len(tensors["latency_ns"]), 50)
            self.assertEqual(worker.ask("bye")[0]["ok"], {})
            self.assertEqual(worker.process.wait(10), 0)

    def test_streams_run_in_python_too(self):
        with Worker(WORDS) as worker:
            worker.ask("load", options={"streams": 3})
            head, _ = worker.ask("measure", [X], plan={"scenario": "offline", "count": 100})
            self.assertEqual(head["ok"]["result"]["requests"], 3)

    def test_reason_of_a_failed_callback_comes_through_fails(self):
        with Worker(WORDS) as worker:
            error = worker.ask("load", options={"engine": {"factor": "bad"}})[0]["error"]
            self.assertEqual(error, {"code": "invalid_model", "text": "the factor is bad"})

    def test_option_that_nobody_reads_fails(self):
        with Worker(WORDS) as worker:
            error = worker.ask("load", options={"engine": {"unused": "1"}})[0]["error"]
            self.assertEqual(error["code"], "usage")
            self.assertIn("unused", error["text"])

    def test_narrower_mask_starts_the_interpreter_again(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("only one CPU here")
        with Worker(WORDS + ["--cpus", "1"]) as worker:
            self.assertEqual(len(worker.ask("load")[0]["ok"]["effective"]["process"]["cpus"]), 1)

    def test_only_the_two_functions_are_exported(self):
        path = pathlib.Path(os.environ["BAKEOFF_BIN"]).parent / "lib" / "libbakeoff_worker.so"
        listing = subprocess.run(["nm", "-D", "--defined-only", str(path)], check=True, capture_output=True, text=True).stdout
        names = {line.split()[-1] for line in listing.splitlines() if line.split()[-2] in "TDB"}
        self.assertEqual(names, {"bakeoff_worker_main", "bakeoff_worker_fail"})


if __name__ == "__main__":
    unittest.main()
