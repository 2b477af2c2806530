#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff bench --profile`: time by operator in the record, the table and the trace, and the reason where there is none."""
import contextlib
import json
import re
import shutil
import sqlite3
import unittest

from support import SOURCE, CliTest


class ProfileTest(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(SOURCE / "tests/fixtures/net.onnx", self.model)
        self.words = ("--threads", "1", "--count", "20", "-o", "fake.median_us=200")

    def bench(self, *words, engines="fake", code=0):
        return self.bakeoff("bench", self.model, "--engines", engines, *self.words, *words, code=code)

    def runs_of(self, *words, **more):
        return json.loads(self.bench(*words, "--json", **more).stdout)["runs"]

    def test_the_first_repetition_has_a_profile_and_the_others_none(self):
        first, second = self.runs_of("--repeat", "2", "--profile")
        self.assertIsNone(second["profile"])
        profile = first["profile"]
        self.assertEqual(profile["source"], "fake's own clock")
        # On a busy machine some of the 20 may have been interrupted.
        count = profile["inferences"]
        self.assertEqual(count + profile["outliers"], 20)
        self.assertEqual([op["name"] for op in profile["operators"]], ["part3", "part2", "part1"])
        self.assertEqual([op["type"] for op in profile["operators"]], ["Odd", "Even", "Odd"])
        self.assertEqual({op["precision"] for op in profile["operators"]}, {"f32"})
        self.assertEqual({op["provider"] for op in profile["operators"]}, {"fake"})
        self.assertEqual([op["calls"] for op in profile["operators"]], [count] * 3)
        for op, share in zip(profile["operators"], (3 / 6, 2 / 6, 1 / 6)):
            self.assertAlmostEqual(op["share"], share, delta=0.01)
        self.assertEqual(sum(op["time_ns"] for op in profile["operators"]), profile["total_ns"])
        # Each of the 20 inferences takes 200 us.
        self.assertGreaterEqual(profile["total_ns"], count * 200_000)
        self.assertLessEqual(profile["total_ns"], profile["wall_ns"])

    def test_nothing_is_profiled_unasked(self):
        (run,) = self.runs_of("--repeat", "1")
        self.assertIsNone(run["profile"])
        self.assertIs(run["effective"]["profiling"], False)

    def test_the_timed_run_is_not_the_profiled_one(self):
        # The profile's session is a later one, in a process of its own: `effective` is the timed one's.
        (run,) = self.runs_of("--repeat", "1", "--profile")
        self.assertIs(run["effective"]["profiling"], False)
        self.assertEqual(run["samples"], 20)

    def test_the_table_has_the_largest_and_the_rest_together(self):
        shown = self.bench("--repeat", "1", "--profile", "-o", "fake.operators=25").stdout
        self.assertRegex(" ".join(shown.split()), r"profile of \d+ inferences")
        rows = re.findall(r"^ *(part\d+|\.\.\. \d+ others) .*?([\d.]+) +([\d.]+) %", shown, re.MULTILINE)
        self.assertEqual([name for name, _, _ in rows], [f"part{i}" for i in range(25, 5, -1)] + ["... 5 others"])
        self.assertAlmostEqual(sum(float(share) for _, _, share in rows), 100, delta=1.5)
        for word in ("operator", "type", "share", "precision", "provider", "f32"):
            self.assertIn(word, shown)

    def test_what_the_clock_saw_nothing_of_is_no_zero(self):
        store = self.folder / "store.db"
        self.bench("--repeat", "1", "--profile", "--store", store)
        with contextlib.closing(sqlite3.connect(store)) as database, database:
            record = json.loads(database.execute("SELECT json FROM records").fetchone()[0])
            small, none = record["profile"]["operators"][1:3]
            small["time_ns"] = record["profile"]["inferences"] * 20
            none["time_ns"] = small["share"] = none["share"] = 0
            database.execute("UPDATE records SET json = ?", (json.dumps(record),))
        shown = self.bakeoff("runs", "show", "1", "--store", store).stdout
        self.assertRegex(shown, r"part2 +Even +<0\.1 +<0\.1 %")
        self.assertRegex(shown, r"part1 +Odd +<1 +- ")

    def test_markdown_has_it_too(self):
        store = self.folder / "store.db"
        text = self.bench("--repeat", "1", "--profile", "--markdown", "--store", store).stdout
        self.assertRegex(text, r"#### fake .*: profile of \d+ inferences")
        self.assertRegex(text, r"\| part3 \| Odd \| [\d.]+ \| [\d.]+ % \| f32 \| fake \|")
        report = self.bakeoff("report", "1", "--store", store, "--markdown").stdout
        self.assertRegex(report, r"\| Operator \| Kind \| Time per inference \| Share \| Calls per inference \|")

    def test_an_engine_that_cannot_says_why(self):
        self.words = ("--threads", "1", "--count", "20")
        told = self.bench("--repeat", "1", "--profile", engines="null").stdout
        self.assertIn("no profile: null does not tell the time of operators", " ".join(told.split()))
        self.assertNotRegex(" ".join(told.split()), r"profile of \d+ inferences")
        (run,) = self.runs_of("--repeat", "1", "--profile", engines="null")
        self.assertEqual(list(run["profile"]), ["reason"])
        # One that could and told nothing.
        (silent,) = self.runs_of("--repeat", "1", "--profile", "-o", "fake.operators=0")
        self.assertEqual(silent["status"], "ok")
        self.assertIn("told of no operator in 20 inferences", silent["profile"]["reason"])

    def test_a_pass_that_fails_leaves_what_was_measured(self):
        # Check, warm-up and timed part are 16 runs; the pass for growth and the profile come to the 22nd.
        self.words = ("--threads", "1", "--count", "5", "--warmup", "1ms", "-o", "fake.median_us=2000")
        (run,) = self.runs_of("--repeat", "1", "--profile", "-o", "fake.fail_at_run=22", "--energy-window", "1ms")
        self.assertEqual(run["status"], "ok", run["error"])
        self.assertIn("fake fails at run 22", run["profile"]["reason"])
        self.assertIn("fake fails at run 22", run["memory"]["growth_reason"])

    def test_the_trace_opens_in_viewers(self):
        trace = self.folder / "trace.json"
        self.bench("--repeat", "2", "--trace", trace)
        whole = json.loads(trace.read_text())
        self.assertEqual(whole["displayTimeUnit"], "ms")
        events = whole["traceEvents"]
        names = [event for event in events if event["ph"] == "M"]
        self.assertEqual(len(names), 1)
        self.assertEqual(names[0]["name"], "process_name")
        self.assertTrue(names[0]["args"]["name"].startswith("fake "))
        spans = [event for event in events if event["ph"] == "X"]
        self.assertEqual(len(spans), 60)
        self.assertEqual(min(span["ts"] for span in spans), 0)
        for span in spans:
            self.assertEqual(span["pid"], names[0]["pid"])
            self.assertGreater(span["dur"], 0)
            self.assertIsInstance(span["tid"], int)
            self.assertEqual(span["args"]["precision"], "f32")
        # Begins are real: within an inference each part begins where the one before ended.
        for inference in range(1, 21):
            parts = sorted((span for span in spans if span["args"]["inference"] == inference), key=lambda span: span["ts"])
            self.assertEqual([part["name"] for part in parts], ["part1", "part2", "part3"])
            for before, after in zip(parts, parts[1:]):
                self.assertAlmostEqual(before["ts"] + before["dur"], after["ts"], delta=0.01)

    def test_a_trace_without_any_profile_is_valid(self):
        trace = self.folder / "trace.json"
        self.words = ("--threads", "1", "--count", "20")
        self.bench("--repeat", "1", "--trace", trace, engines="null")
        self.assertEqual(json.loads(trace.read_text())["traceEvents"], [])

    def test_a_trace_that_cannot_be_written_fails_before_measuring(self):
        self.assertIn("no such folder", self.bench("--trace", self.folder / "none" / "t.json", code=2).stderr)
        self.assertIn("name the same file", self.bench("--trace", self.folder / "t", "--json", self.folder / "t", code=2).stderr)

    def test_runs_show_prints_it(self):
        store = self.folder / "store.db"
        self.bench("--repeat", "1", "--profile", "--store", store)
        shown = self.bakeoff("runs", "show", "r1", "--store", store).stdout
        self.assertRegex(shown, r"profile +3 operators: Odd \d+\.\d %, Even")
        self.assertIn("part3", shown)
        self.assertIn("part3", self.bakeoff("runs", "show", "1", "--store", store).stdout)


    def test_a_run_that_was_not_profiled_is_not_reused_for_one_that_is_asked_for_its_profile(self):
        store = self.folder / "store.db"
        words = ("--repeat", "2", "--store", store, "--reuse")
        self.runs_of(*words)
        first, second = self.runs_of(*words, "--profile")
        self.assertIsNone(first["reused_from"])
        self.assertEqual(len(first["profile"]["operators"]), 3)
        self.assertIsNotNone(second["reused_from"])
        again, _ = self.runs_of(*words, "--profile")
        self.assertIsNotNone(again["reused_from"])
        self.assertEqual(again["profile"], first["profile"])


if __name__ == "__main__":
    unittest.main()
