#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Memory, events and energy in the records of `bakeoff bench`, and what it says of samples that no median tells."""
import json
import os
import shutil
import unittest

from support import SOURCE, CliTest

MIB = 1 << 20


class MetersTest(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(SOURCE / "tests/fixtures/net.onnx", self.model)

    def run_of(self, *words, code=0):
        words = ("--engines", "fake", "--threads", "1", "--repeat", "1", *words)
        (run,) = json.loads(self.bakeoff("bench", self.model, *words, "--json", code=code).stdout)["runs"]
        return run

    @unittest.skipIf(os.environ.get("BAKEOFF_TEST_SLOWNESS", "1") != "1", "what a sanitizer writes down about these bytes comes on top")
    def test_memory_rises_in_the_phase_that_allocates_and_in_no_other(self):
        # The third run belongs to the warm-up: to the steady phase.
        memory = self.run_of("--count", "100", "-o", "fake.alloc_steady_mib=256", "-o", "fake.alloc_at_run=3")["memory"]
        for what in ("pss_bytes", "peak_rss_bytes"):
            load, first, steady = (memory[f"{phase}_{what}"] for phase in ("load", "first", "steady"))
            self.assertAlmostEqual((steady - first) / MIB, 256, delta=8, msg=what)
            self.assertAlmostEqual((first - load) / MIB, 0, delta=8, msg=what)
        self.assertAlmostEqual((memory["steady_uss_bytes"] - memory["first_pss_bytes"]) / MIB, 256, delta=8)
        self.assertLess(memory["steady_pss_file_bytes"], 64 * MIB)

    @unittest.skipIf(os.environ.get("BAKEOFF_TEST_SLOWNESS", "1") != "1", "a sanitizer keeps freed memory back: it does grow")
    def test_a_leak_has_a_slope_and_a_note(self):
        words = ("--count", "2000", "-o", "fake.wait=sleep", "-o", "fake.median_us=200")
        memory = self.run_of(*words, "-o", "fake.memory_growth=16384")["memory"]
        self.assertLess(memory["growth_low_bytes"], 17500)
        self.assertGreater(memory["growth_high_bytes"], 16000)
        self.assertAlmostEqual(memory["growth_per_inference_bytes"], 16384, delta=2000)
        table = self.bakeoff("bench", self.model, "--engines", "fake", "--threads", "1", "--repeat", "1", *words, "-o", "fake.memory_growth=16384").stdout
        self.assertIn("memory grows by", table)
        memory = self.run_of(*words)["memory"]
        if memory["growth_per_inference_bytes"] is None:
            self.assertIn("not throughout", memory["growth_reason"])
        else:
            # Not that the slope is small: pages that another worker shares for a while make it anything.
            self.assertLessEqual(memory["growth_low_bytes"], 0)

    @unittest.skipIf(os.environ.get("BAKEOFF_TEST_SLOWNESS", "1") != "1", "a sanitizer keeps freed memory back: it does grow")
    def test_one_allocation_is_no_leak(self):
        words = ("--count", "50", "--warmup", "1ms", "-o", "fake.wait=sleep", "-o", "fake.median_us=1000")
        # The 72nd run is in the middle of the pass for growth.
        self.assertIn("fake fails at run 72", self.run_of(*words, "-o", "fake.fail_at_run=72")["memory"]["growth_reason"])
        words += ("-o", "fake.alloc_steady_mib=4", "-o", "fake.alloc_at_run=72")
        memory = self.run_of(*words)["memory"]
        if memory["growth_per_inference_bytes"] is None:
            self.assertIn("not throughout", memory["growth_reason"])
        else:
            self.assertLessEqual(memory["growth_low_bytes"], 0)
        table = self.bakeoff("bench", self.model, "--engines", "fake", "--threads", "1", "--repeat", "1", *words).stdout
        self.assertNotIn("memory grows", table)

    def test_events_are_counted_or_said_to_be_unavailable(self):
        cpu = self.run_of("--count", "200", "-o", "fake.wait=sleep", "-o", "fake.median_us=100")["cpu"]
        self.assertGreaterEqual(cpu["voluntary_switches"], 200)
        self.assertIsNotNone(cpu["minor_faults"])
        if cpu["instructions"] is None:
            self.assertTrue(cpu["counters_reason"].startswith("unavailable, because"), cpu)
            self.assertIsNone(cpu["cycles"])
        else:
            self.assertGreater(cpu["instructions"], 1000)

    def test_cpu_time_is_told_by_thread_and_over_time(self):
        words = ("--duration", "1", "-o", "fake.median_us=500")
        busy = self.run_of(*words)
        cpu = busy["cpu"]
        self.assertAlmostEqual(sum(thread["time_ns"] for thread in cpu["threads"]) / cpu["time_ns"], 1, delta=0.05)
        times = [thread["time_ns"] for thread in cpu["threads"]]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertEqual(cpu["threads"][0]["name"], "bakeoff-engine-")
        # A report every 100 ms; a busy machine may lose some.
        points = cpu["over_time"]
        self.assertGreaterEqual(len(points), 4)
        self.assertLessEqual(len(points), 11)
        last, total = 0, 0
        for point in points:
            total += point["utilisation"] * (point["at_ns"] - last)
            last = point["at_ns"]
        self.assertAlmostEqual(last / busy["wall_ns"], 1, delta=0.05)
        self.assertAlmostEqual(total / cpu["time_ns"], 1, delta=0.05)
        # One that sleeps is not busy at any time.
        idle = self.run_of(*words, "-o", "fake.wait=sleep")["cpu"]
        self.assertLess(max(point["utilisation"] for point in idle["over_time"]), 0.5)

    def test_a_run_is_shown_with_threads_and_stretches_in_a_few_words(self):
        store = self.folder / "store.db"
        words = ("--engines", "fake", "--threads", "1", "--repeat", "1", "--duration", "0.5", "-o", "fake.median_us=500")
        self.bakeoff("bench", self.model, *words, "--store", store)
        shown = self.bakeoff("runs", "show", "r1", "--store", store).stdout
        self.assertRegex(shown, r"cpu\.threads .*bakeoff-engine- 0\.\d+ s")
        self.assertRegex(shown, r"cpu\.over_time .* stretches of about 0\.1")

    def test_energy_of_an_external_meter_is_net_of_idle(self):
        # The first window is the idle one: 10 W, then 30 W.
        meter = self.folder / "meter.sh"
        mark = self.folder / "mark"
        meter.write_text(f"w=10; [ -e {mark} ] && w=30; touch {mark}; while :; do echo $w; sleep 0.02; done\n")
        run = self.run_of("--count", "100", "-o", "fake.wait=sleep", "-o", "fake.median_us=1000", "--energy-window", "500ms", "--power-command", f"sh {meter}")
        energy = run["energy"]
        self.assertAlmostEqual(energy["idle_w"], 10, delta=0.01)
        self.assertAlmostEqual(energy["load_w"], 30, delta=0.01)
        (reading,) = next(source for source in energy["readings"] if source["kind"] == "command")["readings"]
        inferences = reading["net_j"] / energy["joules_per_inference"]
        # At most one per millisecond of the window, and 20 W above idle for all of it.
        self.assertLess(inferences, 510)
        self.assertGreater(inferences, 5)
        self.assertGreaterEqual(reading["net_j"], 20 * 0.5)
        self.assertAlmostEqual(energy["inferences_per_joule"] * energy["joules_per_inference"], 1)
        self.assertTrue(energy["source"].startswith("command"))
        self.assertIsNone(energy["reason"])

    def test_a_meter_that_says_nothing_is_no_zero(self):
        energy = self.run_of("--count", "50", "--energy-window", "200ms", "--power-command", "true")["energy"]
        if energy["joules_per_inference"] is None:
            self.assertIn("printed no number", energy["reason"])
            self.assertIsNone(energy["idle_w"])
        self.assertNotEqual(energy["joules_per_inference"], 0)

    def test_outliers_are_counted(self):
        stability = self.run_of("--count", "200", "-o", "fake.wait=sleep", "-o", "fake.median_us=1000", "-o", "fake.stall_at_run=150", "-o", "fake.stall_ms=300", "--warmup", "1ms")["stability"]
        self.assertGreaterEqual(stability["outliers"], 1)
        self.assertGreater(stability["outlier_time_share"], 0.1)


if __name__ == "__main__":
    unittest.main()
