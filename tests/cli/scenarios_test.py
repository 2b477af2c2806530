#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The scenarios of `bakeoff bench` through the real program, with the engine for testing."""
import json
import shutil
import unittest

from support import SOURCE, CliTest, bmp

# Of a fake that sleeps 1 ms: 10 runs of warm-up (the least number) outlast the 1 ms that is allowed, so there are 10.
SLEEPING = ["-o", "fake.wait=sleep", "-o", "fake.median_us=1000", "--warmup", "1ms", "--threads", "1", "--repeat", "1"]
BEFORE = 1 + 10  # the checked inference and the warm-up


class ScenarioTest(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(SOURCE / "tests/fixtures/net.onnx", self.model)

    def runs(self, *words, code=(0, 3), engines="fake"):
        """3 as well: on a machine that is busy with other things any open loop may be saturated."""
        return json.loads(self.bakeoff("bench", self.model, "--engines", engines, *words, "--json", code=code).stdout)["runs"]

    def samples(self, campaign):
        return [json.loads(line)["samples_ns"] for line in self.bakeoff("runs", "export", campaign, "--samples").stdout.splitlines()]


class Server(ScenarioTest):
    def test_a_stall_is_charged_to_every_query_that_waited(self):
        stall = BEFORE + 30
        (run,) = self.runs("--scenario", "server", "--arrivals", "constant", "--qps", "100", "--count", "100", *SLEEPING, "-o", f"fake.stall_at_run={stall}", "-o", "fake.stall_ms=200")
        self.assertEqual((run["samples"], run["warmup_runs"]), (100, 10))
        (latency,) = self.samples(1)
        # Query 30 stalls; the next one is due 10 ms later and waits for 10 ms less, and so on: never less than that.
        charged = [latency[29 + i] for i in range(20)]
        for i, each in enumerate(charged):
            self.assertGreaterEqual(each, 200e6 - 10e6 * i, i)
        self.assertGreaterEqual(sum(each > 20e6 for each in latency), 15)
        self.assertTrue(charged[0] > charged[7] > charged[14], charged)
        open_loop = run["open_loop"]
        self.assertGreaterEqual(open_loop["queued_share"], 0.15)
        self.assertGreaterEqual(open_loop["late_share"], 0.15)
        self.assertGreater(open_loop["delay_max_ns"], 180e6)
        self.assertLess(open_loop["service_p50_ns"], 50e6)
        self.assertAlmostEqual(open_loop["offered_per_s"], 100, delta=0.1)

    def test_a_closed_loop_hides_the_same_stall(self):
        self.runs("--count", "100", *SLEEPING, "-o", f"fake.stall_at_run={BEFORE + 30}", "-o", "fake.stall_ms=200")
        (latency,) = self.samples(1)
        self.assertEqual(sum(each > 100e6 for each in latency), 1)

    def test_more_than_can_be_answered_is_saturated_and_has_no_latency(self):
        words = ("--scenario", "server", "--qps", "5000", "--duration", "500ms", "-o", "fake.wait=sleep", "-o", "fake.median_us=2000", "--warmup", "1ms", "--threads", "1", "--repeat", "1")
        (bad,) = self.runs(*words, code=3)
        self.assertEqual((bad["qps"], bad["arrivals"], bad["status"]), (5000, "poisson", "saturated"))
        self.assertIsNone(bad["latency_ns"]["p50"])
        self.assertLess(bad["open_loop"]["achieved_per_s"], 501)
        self.assertGreater(bad["open_loop"]["offered_per_s"], 4000)
        table = self.bakeoff("bench", self.model, "--engines", "fake", *words, code=3).stdout
        self.assertIn("saturated: ", table)
        self.assertIn("--qps", table)

    def test_arrivals_are_the_same_for_every_engine_and_others_in_the_next_repetition(self):
        runs = self.runs("--scenario", "server", "--qps", "2000", "--count", "50", "--repeat", "2", "--threads", "1", "--warmup", "1ms", engines="fake,null")
        offered = {(run["engine"], run["repetition"]): run["open_loop"]["offered_per_s"] for run in runs}
        self.assertEqual(offered["fake", 1], offered["null", 1])
        self.assertNotEqual(offered["fake", 1], offered["fake", 2])

    def test_the_table_tells_the_rate_that_was_drawn_and_late_queries(self):
        result = self.bakeoff("bench", self.model, "--engines", "fake", "--scenario", "server", "--qps", "200", "--count", "100", "--repeat", "1", "--threads", "1", "--warmup", "1ms", "--json", "r.json", code=(0, 3))
        (row,) = json.loads((self.folder / "r.json").read_text())["summary"]
        told = " ".join(result.stdout.split())
        self.assertIn(f"fake, 200 per s, 1 thread: {row['offered_per_s']:.4g} queries per s were offered and {row['achieved_per_s']:.4g} answered, {100 * row['late_share']:.3g} % began more than 50 us late", told)

    def test_the_heading_tells_what_ranks(self):
        for count, name in (("100", "p50"), ("1000", "p99")):
            words = ["bench", self.model, "--engines", "fake", "--scenario", "server", "--qps", "2000", "--count", count, "--repeat", "1", "--threads", "1", "--warmup", "1ms", "-o", "fake.median_us=10"]
            told = " ".join(self.bakeoff(*words, code=(0, 3)).stdout.split())
            if "saturated" not in told:  # on a busy machine
                self.assertIn(f"(latency from when a query was due; faster: by {name})", told)

    def test_a_trace_is_replayed(self):
        trace = self.folder / "trace.txt"
        trace.write_text("# seconds\n" + "".join(f"{7 + t}\n" for t in (0, 0.01, 0.01, 0.3)))
        (run,) = self.runs("--scenario", "server", "--arrivals", trace, "--repeat", "1", "--threads", "1", "--warmup", "1ms")
        self.assertEqual((run["samples"], run["arrivals"], run["qps"]), (4, "trace", None))
        self.assertGreaterEqual(run["wall_ns"], 300e6)
        self.assertAlmostEqual(run["open_loop"]["offered_per_s"], 10, delta=1e-6)

    def test_several_requests_in_flight(self):
        # Two queries of 100 ms at a time where one alone cannot answer more than ten a second.
        words = ("--scenario", "server", "--arrivals", "constant", "--qps", "16", "--count", "20", "-o", "fake.wait=sleep", "-o", "fake.median_us=100000", "--warmup", "1ms", "--threads", "2", "--repeat", "1")
        (run,) = self.runs(*words, "--streams", "2")
        self.assertEqual((run["streams"], run["requests"]), (2, 2))
        (alone,) = self.runs(*words, code=3)
        self.assertEqual(alone["status"], "saturated")
        self.assertLess(alone["open_loop"]["achieved_per_s"], 10.1)
        self.assertGreater(run["open_loop"]["achieved_per_s"], alone["open_loop"]["achieved_per_s"])

    def test_a_latency_bound_is_met_or_not(self):
        words = ("--scenario", "server", "--qps", "3000", "--count", "700", "--repeat", "1", "--threads", "1", "--warmup", "1ms")
        for bound, met in (("10s", True), ("0.000001ms", False)):
            self.assertEqual(self.runs(*words, "--latency-bound", bound)[0]["open_loop"]["bound_met"], met)
        # And in words, for a campaign of the store as well.
        for campaign, says in (("1", "; 99 % are within 10000 ms, with 99 % confidence"), ("2", "; that 99 % are within 1e-06 ms is not proved")):
            self.assertIn(says, " ".join(self.bakeoff("runs", "show", campaign).stdout.split()))


class Others(ScenarioTest):
    def test_multi_stream_takes_the_time_of_all_samples(self):
        (run,) = self.runs("--scenario", "multi-stream", "--samples-per-query", "4", "--count", "20", *SLEEPING)
        self.assertEqual((run["samples"], run["samples_per_query"]), (20, 4))
        self.assertGreaterEqual(run["latency_ns"]["min"], 4e6)
        self.assertAlmostEqual(run["throughput_per_s"], 80 / (run["wall_ns"] / 1e9), delta=1e-6)

    def test_dataset_sizes(self):
        runs = self.runs("--scenario", "dataset", "--test-size", "10,25", "--batch", "4", *SLEEPING)
        self.assertEqual([(run["test_size"], run["samples"]) for run in runs], [(10, 3), (25, 7)])
        for run in runs:
            self.assertEqual(run["dataset"], {"preprocess_ns": None, "total_ns": run["wall_ns"]})
        both = self.bakeoff("bench", self.model, "--engines", "fake", "--scenario", "dataset", "--test-size", "10,25", *SLEEPING, "--no-store")
        self.assertIn("total s", both.stdout)
        # --duration does not limit it, and is no estimate of it.
        self.assertIn("2 measurements, in a time that is not known", both.stderr)
        mixed = self.bakeoff("bench", self.model, "--engines", "fake", "--scenario", "dataset,single-stream", "--test-size", "10", "--duration", "1", *SLEEPING, "--no-store")
        self.assertIn("2 measurements, 1 s timed, those of --test-size not counted, beside loading", mixed.stderr)

    def test_dataset_of_pictures_tells_pre_processing_apart(self):
        pictures = self.folder / "pictures"
        pictures.mkdir()
        for i in range(3):
            bmp(pictures / f"{i}.bmp", (10 * i, 100, 200), i)
        model = self.folder / "net_plain.onnx"
        self.bakeoff("make-model", "mobilenet_v2", model)
        (run,) = json.loads(self.bakeoff("bench", model, "--engines", "null", "--scenario", "dataset", "--test-size", "5", "--input", pictures, "--threads", "1", "--repeat", "1", "--json").stdout)["runs"]
        self.assertGreater(run["dataset"]["preprocess_ns"], 0)
        self.assertEqual(run["dataset"]["total_ns"], run["dataset"]["preprocess_ns"] + run["wall_ns"])

    def test_early_stopping_estimates(self):
        for count, p90, p99 in ((63, False, False), (64, True, False), (661, True, False), (662, True, True)):
            (run,) = self.runs("--count", str(count), "--repeat", "1", "--threads", "1", "--warmup", "1ms")
            latency = run["latency_ns"]
            self.assertEqual((latency["p90_early"] is not None, latency["p99_early"] is not None), (p90, p99), count)
        (samples,) = self.samples(4)
        self.assertEqual(latency["p99_early"], max(samples))

    def test_mlperf_says_its_number_and_what_is_missing(self):
        result = self.bakeoff("bench", self.model, "--engines", "fake", "--mlperf", "--count", "64", "--threads", "1", "--repeat", "1")
        self.assertIn("p90 by early stopping", result.stdout)
        self.assertIn("MLPerf asks for runs of 600 s", result.stdout)
        # A short time does not end it before the least number of queries.
        (run,) = self.runs("--mlperf", "--scenario", "multi-stream", "--samples-per-query", "2", "--duration", "10ms", "--threads", "1", "--repeat", "1")
        self.assertGreaterEqual(run["samples"], 662)

    def test_plans_that_can_never_work_are_refused_with_what_would(self):
        trace = self.folder / "trace.txt"
        trace.write_text("0\n2\n1\n")
        for words, says in (
            (["--scenario", "server"], "--qps 100"),
            (["--qps", "100"], "add --scenario server"),
            (["--samples-per-query", "2"], "add --scenario multi-stream"),
            (["--scenario", "server", "--qps", "0"], "must be between"),
            (["--scenario", "server", "--arrivals", trace], "line 3"),
            (["--scenario", "server", "--arrivals", "burst"], "burst"),
            (["--scenario", "server", "--qps", "10", "--latency-bound", "10ms", "--count", "100"], "give --count 459"),
            (["--scenario", "server", "--qps", "10", "--latency-bound", "10ms", "--duration", "5"], "give --duration 56"),
            (["--scenario", "offline", "--streams", "2", "--threads", "1"], "give --streams 1 or --threads 2"),
            (["--scenario", "multi-stream", "--streams", "2", "--threads", "1"], "--streams 2 with 1 thread: each of them needs a thread (multi-stream); give --streams 1 or --threads 2"),
            (["--scenario", "server", "--qps", "10", "--streams", "2", "--threads", "1"], "(server); give --streams 1 or --threads 2"),
            (["--scenario", "dataset", "--streams", "2", "--threads", "1"], "(dataset); give --streams 1 or --threads 2"),
            (["--scenario", "offline", "--streams", "3", "--threads", "4,2"], "--streams 3 with 2 threads"),
            (["--scenario", "dataset", "--count", "5"], "--test-size"),
            (["--mlperf", "--scenario", "multi-stream", "--count", "100"], "it needs --count 662"),
            (["--mlperf", "--scenario", "dataset"], "no scenario 'dataset'"),
        ):
            with self.subTest(words=words):
                self.fails("bench", self.model, "--engines", "fake", *words, says=says)
        self.assertFalse((self.folder / "store").exists())


if __name__ == "__main__":
    unittest.main()
