#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Every percentile, interval and statistic of stored rows against recompute.py, in every scenario."""
import copy
import json
import random
import shutil
import unittest

import recompute
from support import SOURCE, CliTest

FAKE = ["--engines", "fake", "--warmup", "5ms"]
CAMPAIGNS = {
    # Around each count from which a number is told: 7, 10, 44, 64, 90, 100, 459, 662.
    "single-stream": [[*FAKE, "--threads", "1", "--repeat", "3", "--count", count, "-o", "fake.median_us=3"] for count in ("2", "7", "10", "44", "64", "90", "100", "459", "662", "2000")],
    "multi-stream": [[*FAKE, "--scenario", "multi-stream", "--threads", "2", "--streams", "2", "--samples-per-query", "5", "--batch", "1,3", "--repeat", "4", "--count", "150"]],
    "offline": [[*FAKE, "--scenario", "offline", "--threads", "1,2", "--batch", "1,4", "--repeat", "3", "--count", "700"]],
    "server": [[*FAKE, "--scenario", "server", "--arrivals", "constant", "--qps", "500,400000", "--count", "700", "--threads", "1", "--repeat", "3"],
               [*FAKE, "--scenario", "server", "--qps", "2000", "--latency-bound", "0.001ms", "--count", "500", "--threads", "1", "--repeat", "3"],
               [*FAKE, "--scenario", "server", "--qps", "2000", "--latency-bound", "10s", "--count", "500", "--threads", "2", "--streams", "2", "--repeat", "3"]],
    "dataset": [[*FAKE, "--scenario", "dataset", "--test-size", "10,501", "--batch", "1,4", "--threads", "1", "--repeat", "3"]],
}
# Times with a shape: two modes, a drift, outliers; what the statistics are for must be in the rows, not only nulls.
SHAPED = [[*FAKE, "--threads", "1", "--repeat", "1", "--count", "600", "-o", "fake.median_us=50", *words]
          for words in (["-o", "fake.delay=uniform"], ["-o", "fake.delay=lognormal"], ["-o", "fake.stall_at_run=30", "-o", "fake.stall_ms=5"])]


class RecomputeTest(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(SOURCE / "tests/fixtures/net.onnx", self.model)

    def campaign(self, words):
        """Records with their samples, and the summary that the store's records give. 3: a busy machine saturates an open loop."""
        result = json.loads(self.bakeoff("bench", self.model, *words, "--json", code=(0, 3), timeout=120).stdout)
        number = result["campaign"]
        lines = [json.loads(line) for line in self.bakeoff("runs", "export", number, "--samples").stdout.splitlines()]
        self.assertEqual(len(lines), len(result["runs"]))
        stored = json.loads(self.bakeoff("runs", "show", number, "--json").stdout)["summary"]
        self.assertEqual(stored, result["summary"])
        return lines, stored

    def check(self, lines, summary):
        for run in lines:
            self.assertIn(run["status"], ("ok", "saturated"), run["error"])
            self.assertEqual(recompute.disagreements(run, recompute.row(run)), [], (run["scenario"], run["samples"]))
        key = lambda each: json.dumps([each[name] for name in ("engine", "scenario", "threads", "streams", "batch", "qps", "test_size", "options")])
        contest = lambda each: [each[name] for name in ("scenario", "batch", "qps", "test_size")]
        for row in summary:
            mine = [run for run in lines if key(run) == key(row)]
            self.assertEqual(len(mine), row["repetitions"])
            self.assertEqual(recompute.disagreements(row, recompute.summary(mine, [run for run in lines if contest(run) == contest(row)])), [], key(row))

    def test_rows_of_every_scenario_follow_from_their_samples(self):
        for scenario, campaigns in CAMPAIGNS.items():
            with self.subTest(scenario=scenario):
                for words in campaigns:
                    lines, summary = self.campaign(words)
                    self.assertEqual({run["scenario"] for run in lines}, {scenario})
                    self.check(lines, summary)

    def test_shapes_of_run_times_follow_from_their_samples(self):
        for words in SHAPED:
            lines, summary = self.campaign(words)
            self.check(lines, summary)
        self.assertGreaterEqual(lines[0]["stability"]["outliers"], 1)  # the stall

    def test_a_number_that_is_a_little_off_is_found(self):
        """Of every number that is told: the comparison can fail."""
        (lines, summary) = self.campaign([*FAKE, "--threads", "1", "--repeat", "3", "--count", "700"])
        told = recompute.row(lines[0])
        for part, name in told:
            wrong = copy.deepcopy(lines[0])
            place = wrong[part] if part else wrong
            place[name] = not place[name] if isinstance(place[name], bool) else 1.5 if place[name] is None else place[name] + 0.001 * abs(place[name]) + 1
            with self.subTest(field=name):
                self.assertTrue(any(line.startswith(f"{part + '.' if part else ''}{name}: ") for line in recompute.disagreements(wrong, told)))
        summed = recompute.summary(lines, lines)
        summary[0]["latency_ns"]["p50_high"] *= 1.001
        self.assertEqual(len(recompute.disagreements(summary[0], summed)), 1)

    def test_the_other_libraries_agree(self):
        """Where numpy is installed: its percentiles, means and deviations are a second opinion of ours."""
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed")
        draw = random.Random(7)
        for n in (7, 100, 459, 2000):
            samples = [round(1e5 * draw.lognormvariate(0, 0.3)) for _ in range(n)]
            values = recompute.latency(samples)
            for name, per_cent in recompute.PERCENTILES.items():
                if values[name] is not None:
                    self.assertEqual(values[name], numpy.percentile(samples, per_cent, method="inverted_cdf"))
            self.assertAlmostEqual(values["stddev"], numpy.std(samples, ddof=1), delta=1e-6)
            self.assertAlmostEqual(values["mad"], numpy.median(numpy.abs(numpy.array(samples) - numpy.median(samples))), delta=1e-6)


class Definitions(unittest.TestCase):
    def test_minimal_counts_are_those_of_mlperf(self):
        for per_cent, counts in {90: (44, 64), 95: (90, 130), 99: (459, 662)}.items():
            for count, estimate in zip(counts, (recompute.percentile, recompute.early)):
                value = lambda n: estimate(list(range(n)), per_cent)
                first = lambda n: value(n)[0] if isinstance(value(n), tuple) else value(n)
                self.assertIsNone(first(count - 1))
                self.assertIsNotNone(first(count))

    def test_two_kinds_and_a_drift_are_found(self):
        draw = random.Random(1)
        two = recompute.stability([draw.gauss(1000 if i % 3 else 1200, 30) for i in range(600)])
        self.assertAlmostEqual(two["high_mode_share"], 1 / 3)
        self.assertTrue(recompute.stability([1000 + i + draw.gauss(0, 10) for i in range(600)])["drifting"])


if __name__ == "__main__":
    unittest.main()
