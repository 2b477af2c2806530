#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff compare` through the real program: campaigns, runs, saved files and live pairs of the engine for testing."""
import csv
import io
import json
import pathlib
import re
import shutil
import sqlite3
import unittest

from support import SOURCE, CliTest

# Long enough that the machine's own noise is small beside it; sleeping leaves the CPUs to other tests.
SLOW = ["-o", "fake.wait=sleep", "--count", "30", "--warmup", "5ms", "--threads", "1"]


class CompareTest(CliTest):
    """Where what the machine measures is compared, 5 is as good as 0: on a busy machine nothing can be told."""

    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(SOURCE / "tests/fixtures/net.onnx", self.model)

    def bench(self, *words, us=2000, engines="fake", code=0):
        return self.bakeoff("bench", self.model, "--engines", engines, "-o", f"fake.median_us={us}", *SLOW, *words, code=code)

    def change(self, campaign, factor, noise=0.001):
        """Sets the times of a campaign's runs: what a machine measures must not decide what a test sees."""
        with sqlite3.connect(self.env["BAKEOFF_STORE"]) as store:
            rows = store.execute("SELECT run, json FROM records JOIN runs ON runs.id = run WHERE campaign = ? ORDER BY run", (campaign,)).fetchall()
            for i, (run, text) in enumerate(rows):
                record = json.loads(text)
                scale = factor * (1 + noise * (i % 3 - 1))
                for name in ("p50", "mean", "min"):
                    record["latency_ns"][name] = 1e6 * scale
                record["throughput_per_s"] = 1000 / scale
                store.execute("UPDATE records SET json = ? WHERE run = ?", (json.dumps(record), run))

    def compare(self, *words, code=0):
        return json.loads(self.bakeoff("compare", *words, "--json", code=code).stdout)


class Stored(CompareTest):
    def setUp(self):
        super().setUp()
        for name in ("before", "after"):
            self.bench("--repeat", "3", "--name", name)
        self.change(1, 1.0)

    def test_verdicts_and_exit_codes(self):
        for factor, verdict, code in ((1.03, "slower", 1), (0.97, "faster", 0), (1.0, "tie", 0)):
            with self.subTest(factor=factor):
                self.change(2, factor)
                result = self.compare("before", "after", code=code)
                (row,) = result["rows"]
                self.assertEqual((row["verdict"], row["metric"], row["paired"]), (verdict, "p50", False))
                self.assertAlmostEqual(row["ratio"], factor, delta=1e-6)
                self.assertLess(row["low"], row["ratio"])
                self.assertGreater(row["high"], row["ratio"])
                self.assertEqual(len(row["a"]["repetitions"]), 3)
                self.assertEqual(result["exit_code"], code)

    def test_bounds(self):
        self.change(2, 1.03)
        self.compare("1", "2", "--fail-if", "p50 > +5%")
        (row,) = self.compare("1", "2", "--fail-if", "p50 > +2%", code=1)["rows"]
        self.assertEqual(row["conditions"], [{"condition": "p50 > +2%", "result": "broken"}])
        rows = self.compare("1", "2", "--metric", "mean", "--fail-if", "p50 > +5%", "--fail-if", "throughput < -2%", code=1)["rows"]
        self.assertEqual([row["metric"] for row in rows], ["mean", "p50", "throughput"])
        self.assertIn("REGRESSION p50 > 1%", self.bakeoff("compare", "1", "2", "--fail-if", "p50 > 1%", code=1).stdout)

    def test_a_saved_baseline_is_a_side(self):
        self.change(2, 1.03)
        self.bakeoff("runs", "show", "before", "--json", "saved.json")
        self.bakeoff("runs", "export", "before", "--samples", "--out", "saved.jsonl")
        for file in ("saved.json", "saved.jsonl"):
            self.assertEqual(self.compare(file, "after", code=1)["rows"][0]["verdict"], "slower")
        self.bench("--repeat", "3", "--json", "bench.json")
        self.assertEqual(len(self.compare("bench.json", "3", "--metric", "p50,throughput", "--fail-if", "p50 > 900%", code=(0, 5))["rows"]), 2)

    def test_a_saved_baseline_knows_its_machine_and_grade(self):
        self.change(2, 1.0)
        self.bakeoff("runs", "export", "before", "--out", "saved.jsonl")
        lines = [json.loads(line) for line in (self.folder / "saved.jsonl").read_text().splitlines()]
        result = self.compare("saved.jsonl", "after")
        self.assertEqual(result["a"]["machine"]["cpu_model"], result["b"]["machine"]["cpu_model"])
        self.assertEqual(result["a"]["environment"], lines[0]["environment"])
        self.assertIn(result["a"]["environment"]["grade"], "ABCD")
        self.assertFalse([note for note in result["notes"] if "machine" in note])

        def saved(*changed):
            (self.folder / "other.jsonl").write_text("".join(json.dumps({**line, **change}) + "\n" for line, change in zip(lines, changed)))
            return " ".join(self.bakeoff("compare", "other.jsonl", "after").stdout.split())

        other = {"machine": {**lines[0]["machine"], "cpu_model": "Another CPU"}}
        self.assertIn('the machines differ: cpu_model "Another CPU" / ', saved(other, other, other))
        self.assertIn("A: its runs were measured on several machines", saved({}, {}, other))
        unknown = saved(*[{"machine": None, "environment": None}] * 3)
        self.assertIn("nothing tells on which machine A was measured", unknown)
        self.assertIn("A: environment not known", unknown)
        worst = {"environment": {"grade": "D", "doubts": [{"grade": "D", "reason": "a neighbour", "remedy": "send it away"}]}}
        good = {"environment": {"grade": "B", "doubts": []}}
        self.assertIn("A: environment D; a neighbour (send it away) B: environment ", saved(good, worst, good))

    def test_rows_of_one_side_only_are_named(self):
        self.bench("--repeat", "3", "--name", "more", engines="fake,null")
        result = self.bakeoff("compare", "before", "more", "--fail-if", "p50 > 9999%", code=(0, 5))
        self.assertIn("only in B: null", result.stdout)
        self.assertEqual([row["engine"] for row in self.compare("more", "before", "--fail-if", "p50 > 9999%", code=6)["only_a"]], ["null"])
        told = " ".join(self.bakeoff("compare", "more", "before", "--fail-if", "p50 > 9999%", code=6).stdout.split())
        self.assertIn("only in A: null", told)
        self.assertIn("the engine null of A has no row in B (net): measure B with it, or leave it out of A", told)

    def test_runs_name_rows_of_a_campaign_that_was_measured_in_turns(self):
        self.bench("-o", "fake.seed=1,2", "--repeat", "4")
        runs = json.loads(self.bakeoff("runs", "list", "3", "--json").stdout)["runs"]
        first, last = (f"r{runs[i]['id']}" for i in (0, -1))
        (row,) = self.compare(first, last, "--fail-if", "p50 > 9999%", code=(0, 5))["rows"]
        self.assertTrue(row["paired"])
        self.assertEqual((row["a"]["row"]["options"]["seed"], row["b"]["row"]["options"]["seed"]), ("1", "2"))

    def test_too_little_says_what_would_do(self):
        self.bench("--repeat", "2", "--name", "short")
        result = self.bakeoff("compare", "before", "short", code=5)
        self.assertIn("B has 2 repetitions, a verdict needs 3: measure it with --repeat 3", " ".join(result.stdout.split()))
        self.compare("before", "after", "--metric", "p99", code=5)
        self.assertIn("--count 459", self.compare("before", "after", "--metric", "p99", code=5)["rows"][0]["reason"])

    def test_trouble_of_b(self):
        for option, code in (("fake.fail_at_load=engine_failed", 3), ("fake.nan_at=1", 4)):
            self.bench("--repeat", "3", "-o", option, code=3 if code == 3 else 1)
            result = self.bakeoff("compare", "before", str(len(json.loads(self.bakeoff("runs", "list", "--json").stdout)["campaigns"])), code=code)
            self.assertIn("of B: ", " ".join(result.stdout.split()))

    def test_tables_and_files(self):
        self.change(2, 1.03)
        self.bench("--repeat", "3", "-o", "fake.seed=1,2", "--batch", "1,2", "--name", "wide")
        self.bench("--repeat", "3", "-o", "fake.seed=1,2", "--batch", "1,2", "--name", "wider")
        result = self.bakeoff("compare", "wide", "wider", "--metric", "p50,throughput,memory", "--fail-if", "p50 > 9999%", code=(0, 5))
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80, result.stdout)
        self.assertEqual(len(re.findall(r" throughput ", result.stdout)), 4)
        self.assertIn("99 % interval", result.stdout)
        one = self.bakeoff("compare", "wide", "wider", code=(0, 1, 5)).stdout
        self.assertIn("metric p50, ", one)
        self.assertNotRegex(one, r"(?m)^fake .* p50 ")
        # What is the same in all rows stands over the table, once.
        self.assertEqual(one.count("median_us=2000"), 1, one)
        self.assertIn("all with median_us=2000", " ".join(one.split()))
        self.assertEqual(len(re.findall(r"(?m)^[12] +seed=[12] +\d", one)), 4, one)
        for row in self.compare("wide", "wider", code=(0, 1, 5))["rows"]:
            self.assertEqual(set(row["a"]["row"]["options"]), {"median_us", "seed", "wait"})
        self.bakeoff("compare", "before", "after", "--csv", "c.csv", "--markdown", "c.md", code=1)
        (line,) = csv.DictReader(io.StringIO((self.folder / "c.csv").read_text()))
        self.assertEqual((line["a_engine"], line["verdict"], line["b_repetitions"]), ("fake", "slower", "3"))
        self.assertIn("| slower |", (self.folder / "c.md").read_text())

    def test_bad_requests(self):
        (self.folder / "text.json").write_text("[1, 2]")
        self.bench("--repeat", "1", "--batch", "4,8", "--name", "other")
        for words, says in (
            (["before"], "is missing"),
            (["before", "before"], "nothing to compare"),
            (["before", "afer"], "did you mean 'after'?"),
            (["before", "no.json"], "nor is there a file"),
            (["before", "text.json"], "holds no runs"),
            (["before", "r999"], "no run 999"),
            (["before", "after", "--metric", "p5O"], "no such metric (did you mean 'p50'?)"),
            (["before", "after", "--fail-if", "p50 > 5"], "give METRIC > +N%"),
            (["before", "after", "--repeat", "5"], "add --live"),
            (["before", "other"], "they differ in batch (1 / 4, 8)"),
        ):
            with self.subTest(words=words):
                self.fails("compare", *words, says=says)


class Live(CompareTest):
    def test_plans_without_a_verdict_are_refused_before_anything_runs(self):
        four = f"{self.model} --engines fake --batch 4,8"
        for side, words, says in (
            (four, ["--metric", "p99", "--count", "100"], "p99 needs 459 inferences in each repetition, and never has them with --count 100: give --count 459"),
            (four, ["--fail-if", "p99 > +5%", "--count", "100"], "give --count 459"),
            (four, ["--fail-if", "p50 > +5%", "--count", "6"], "give --count 7"),
            (four, ["--repeat", "2", "--count", "10"], "a verdict needs 3 repetitions of each, and there are to be 2: give --repeat 3"),
            (four.replace("4,8", "1,2"), ["--count", "10"], "they differ in batch"),
        ):
            with self.subTest(words=words):
                self.fails("compare", "--live", four, side, *words, says=says)
        self.assertFalse(pathlib.Path(self.env["BAKEOFF_STORE"]).exists())

    def live(self, a, b, *words, code=0):
        return self.compare("--live", f"{self.model} --engines fake {a}", f"{self.model} --engines fake {b}", "--count", "8", *words, code=code)

    def test_a_true_difference_is_found_and_kept(self):
        common = "--threads 1 --warmup 5ms -o fake.wait=sleep -o fake.median_us="
        result = self.live(common + "500", common + "100000", "--name", "pair", code=1)
        (row,) = result["rows"]
        self.assertEqual((row["verdict"], row["paired"], len(row["b"]["repetitions"])), ("slower", True, 5))
        self.assertIn("A and B differ in options (median_us:500,wait:sleep / median_us:100000,wait:sleep)", result["notes"])
        runs = json.loads(self.bakeoff("runs", "list", "pair", "--json").stdout)["runs"]
        self.assertEqual(len(runs), 10)
        self.assertEqual({run["row"] for run in runs}, {0, 1})

    def test_the_same_on_both_sides_is_measured_twice(self):
        common = "--threads 1 --warmup 5ms -o fake.wait=sleep -o fake.median_us=2000"
        # What the machine says is not asserted, but that every repetition of both is there.
        result = self.live(common, common, "--repeat", "3", "--fail-if", "p50 > 900%", "--no-store", code=(0, 5))
        (row,) = result["rows"]
        self.assertEqual([len(row[side]["repetitions"]) for side in "ab"], [3, 3])
        self.assertTrue(row["paired"])
        self.assertNotEqual(row["a"]["repetitions"], row["b"]["repetitions"])

    def test_bad_requests(self):
        for a, words, says in (
            ("--engines fke", [], "unknown engine 'fke'"),
            ("--json x", [], "--json is none of its options here"),
            ("--repeat 4", [], "A has --repeat 4 and B 5"),
            ("'", [], "a quote is not closed"),
            ("", ["--no-store", "--name", "x"], "--no-store contradicts"),
        ):
            with self.subTest(a=a):
                self.fails("compare", "--live", f"{self.model} --engines fake {a}", f"{self.model} --engines fake", "--count", "10", *words, says=says)


if __name__ == "__main__":
    unittest.main()
