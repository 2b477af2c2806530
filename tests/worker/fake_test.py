#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The engine `fake` does what its options say: it is what other tests rely on. And the life of a worker process."""
import json
import math
import os
import signal
import statistics
import subprocess
import time
import unittest

from protocol_client import Worker

BIN = os.environ["BAKEOFF_BIN"]
X = ("input", "f32", [1, 4], [1.0, 2.0, 3.0, 4.0])


def fake(*words, **environment):
    return Worker([os.path.join(BIN, "bakeoff-engine-fake"), *words], **environment)


def loaded(**options):
    worker = fake()
    worker.load = worker.ask("load", options={"engine": {name: str(value) for name, value in options.items()}})[0]
    return worker


def measure(worker, count, **plan):
    return worker.ask("measure", [X], plan={"scenario": "single-stream", "count": count, "warmup": {"min_runs": 0, "max_runs": 0}, **plan})


class Answers(unittest.TestCase):
    def test_outputs(self):
        for options, expected in [({}, (1, 2, 3, 4)), ({"output": "constant", "output_value": 7}, (7, 7, 7, 7)),
                                  ({"output": "scale", "output_value": 0.5}, (0.5, 1, 1.5, 2))]:
            with loaded(**options) as worker:
                self.assertEqual(worker.ask("infer", [X])[1]["output"], expected)

    def test_noise_follows_the_seed(self):
        seen = []
        for seed in 1, 1, 2:
            with loaded(output="noise", seed=seed) as worker:
                seen.append(worker.ask("infer", [X])[1]["output"])
        self.assertEqual(seen[0], seen[1])
        self.assertNotEqual(seen[0], seen[2])

    def test_nan_from_a_run_on(self):
        with loaded(nan_at=2) as worker:
            runs = [any(map(math.isnan, worker.ask("infer", [X])[1]["output"])) for _ in range(3)]
            self.assertEqual(runs, [False, True, True])


class Times(unittest.TestCase):
    def test_median_and_stall(self):
        for wait in "spin", "sleep":
            with loaded(delay="lognormal", median_us=300, spread=0.2, wait=wait, stall_at_run=20, stall_ms=100) as worker:
                times = measure(worker, 100)[1]["latency_ns"]
                # Never shorter than asked; how much longer depends on the machine.
                self.assertGreater(statistics.median(times), 250_000)
                self.assertGreater(times[19], 100_000_000)

    def test_constant_is_never_shorter(self):
        with loaded(median_us=200) as worker:
            self.assertGreaterEqual(min(measure(worker, 50)[1]["latency_ns"]), 200_000)


class Memory(unittest.TestCase):
    def test_steady_allocation_and_growth_are_in_the_peak_of_that_request(self):
        for options in {"alloc_steady_mib": 64}, {"memory_growth": 1 << 20}:
            with loaded(**options) as worker:
                before = worker.load["ok"].get("memory", {}).get("peak_rss_bytes")
                if before is None:
                    self.skipTest("no peak memory on this kernel")
                after = measure(worker, 64)[0]["ok"]["memory"]["peak_rss_bytes"]
                grown = (after - before) / (1 << 20)
                if os.environ.get("BAKEOFF_TEST_SLOWNESS", "1") != "1":
                    self.assertGreater(grown, 58, "what a sanitizer writes down about these bytes comes on top")
                else:
                    self.assertAlmostEqual(grown, 64, delta=6)


class Failures(unittest.TestCase):
    def test_errors_are_replies_and_the_worker_goes_on(self):
        with loaded(fail_at_run=2) as worker:
            worker.ask("infer", [X])
            self.assertIn("fails at run 2", worker.ask("infer", [X])[0]["error"]["text"])
            self.assertIn("ok", worker.ask("infer", [X])[0])
        with loaded(fail_at_load="invalid_model") as worker:
            self.assertEqual(worker.load["error"]["code"], "invalid_model")

    def test_ends(self):
        for options, code in [({"crash_at_run": 1}, -signal.SIGSEGV), ({"crash_at_run": 1, "signal": "abrt"}, -signal.SIGABRT),
                              ({"exit_at_run": 1, "exit_code": 5}, 5)]:
            with loaded(**options) as worker, self.assertRaises(EOFError) as end:
                worker.ask("infer", [X])
            self.assertEqual(end.exception.args[0], code)

    def test_rubbish_on_stdout_goes_to_stderr(self):
        with loaded(rubbish_on_stdout=1000) as worker:
            self.assertIn("ok", worker.load)
            worker.ask("bye")
            self.assertEqual(len(worker.process.stderr.read()), 1000)

    def test_hung_worker_ends_with_its_host(self):
        with loaded(hang_at=1) as worker:
            worker.send("infer", [X])
            time.sleep(0.2)
            self.assertIsNone(worker.process.poll())
            worker.process.stdin.close()
            self.assertEqual(worker.process.wait(5), 0)
            worker.process.stdin = open(os.devnull, "wb")

    def test_other_protocol_version(self):
        environment = {**os.environ, "BAKEOFF_FAKE_HANDSHAKE": "version"}
        words = [os.path.join(BIN, "bakeoff-engine-fake")]
        with subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            self.assertEqual(process.stdout.read(20)[16:], b"c\0\0\0")
            process.kill()


class Process(unittest.TestCase):
    def test_unknown_arguments_fail(self):
        for words in ["--verbose"], ["--cpus"], ["--cpus", "0"], ["--cpus", "x"]:
            done = subprocess.run([os.path.join(BIN, "bakeoff-engine-null"), *words], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(words[0], done.stderr)

    def test_describe_prints_json_only(self):
        done = subprocess.run([os.path.join(BIN, "bakeoff-engine-fake"), "--describe"], check=True, capture_output=True)
        self.assertEqual(json.loads(done.stdout)["name"], "fake")

    def test_mask_is_narrowed(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("only one CPU here")
        with fake("--cpus", "1") as worker:
            self.assertEqual(len(worker.ask("load")[0]["ok"]["effective"]["process"]["cpus"]), 1)

    def test_broken_frame_from_the_host_ends_it(self):
        with fake() as worker:
            worker.process.stdin.write(b"\xff" * 12)
            worker.process.stdin.flush()
            self.assertEqual(worker.process.wait(5), 3)
            self.assertIn(b"above the limit", worker.process.stderr.read())


if __name__ == "__main__":
    unittest.main()
