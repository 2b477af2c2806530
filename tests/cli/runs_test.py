#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The store through the real program: what `bench` keeps, what a killed one loses (nothing), and what `runs` tells of it."""
import csv
import io
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from support import SLOWNESS, SOURCE, CliTest

QUICK = ["--count", "60", "--warmup", "5ms", "--threads", "1"]


class RunsTest(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(SOURCE / "tests/fixtures/net.onnx", self.model)
        self.store = pathlib.Path(self.env["BAKEOFF_STORE"])

    def bench(self, *words, engines="null,fake", quick=QUICK, **options):
        return self.bakeoff("bench", self.model, "--engines", engines, *quick, *words, **options)

    def campaigns(self):
        return json.loads(self.bakeoff("runs", "list", "--last", "0", "--json").stdout)["campaigns"]

    def rows(self, campaign):
        """What was measured, without times: it must not depend on how often the program was killed."""
        lines = self.bakeoff("runs", "export", campaign).stdout.splitlines()
        return sorted((r["engine"], json.dumps(r["options"]), r["threads"], r["batch"], r["repetition"], r["status"], r["samples"])
                      for r in map(json.loads, lines))

    def test_what_bench_measured_is_there_as_it_was_shown(self):
        shown = self.bench("--repeat", "2", "--name", "first").stdout
        self.bench("--repeat", "1")
        newest, first = self.campaigns()
        self.assertEqual((first["name"], first["state"], first["planned"], first["runs"], first["ok"]), ("first", "done", 4, 4, 4))
        self.assertIsNone(newest["name"])
        table = self.bakeoff("runs", "show", "first").stdout
        self.assertEqual(table.split("\n", 1)[1], shown)
        self.assertIn("campaign 1 'first'", table)
        result = json.loads(self.bakeoff("runs", "show", "1", "--json").stdout)
        self.assertEqual([run["status"] for run in result["runs"]], ["ok"] * 4)
        self.assertEqual(result["machine"]["logical_cpus"], first["facts"]["machine"]["logical_cpus"])
        listed = json.loads(self.bakeoff("runs", "list", "first", "--engine", "fake", "--json").stdout)["runs"]
        self.assertEqual([run["engine"] for run in listed], ["fake", "fake"])
        run = self.bakeoff("runs", "show", f"r{listed[0]['id']}").stdout
        self.assertIn("latency_ns.p50", run)
        self.assertEqual(json.loads(self.bakeoff("runs", "show", f"r{listed[0]['id']}", "--json").stdout)["engine"], "fake")

    def test_every_result_says_where_it_was_measured_and_how_far_to_trust_it(self):
        shown = json.loads(self.bench("--repeat", "1", "--csv", "r.csv", "--json").stdout)
        grade, doubts = shown["environment"]["grade"], shown["environment"]["doubts"]
        for line in map(json.loads, self.bakeoff("runs", "export", "1").stdout.splitlines()):
            self.assertEqual(line["environment"], shown["environment"])
            self.assertEqual(line["machine"]["cpu_model"], shown["machine"]["cpu_model"])
            self.assertEqual(line["machine"]["kernel"], shown["machine"]["kernel"])
        for text in ((self.folder / "r.csv").read_text(), self.bakeoff("runs", "export", "1", "--format", "csv").stdout):
            self.assertEqual([row["environment_grade"] for row in csv.DictReader(io.StringIO(text))], [grade, grade])
        run = " ".join(self.bakeoff("runs", "show", "r1").stdout.split())
        for part in (f"environment {grade}", *(f"{doubt['reason']} ({doubt['remedy']})" for doubt in doubts)):
            self.assertIn(part, run)
        self.assertEqual(json.loads(self.bakeoff("runs", "show", "r1", "--json").stdout)["environment"], shown["environment"])

    def test_options_one_at_a_time_name_the_report(self):
        self.assertIn("`bakeoff report 1` shows what each option bought", self.bench("--repeat", "1", "--ablate", "-o", "fake.seed=2", engines="fake").stderr)

    def test_json_of_bench_names_its_campaign(self):
        self.assertEqual(json.loads(self.bench("--repeat", "1", "--json").stdout)["campaign"], 1)
        self.assertIsNone(json.loads(self.bench("--repeat", "1", "--no-store", "--json").stdout)["campaign"])
        self.assertEqual(len(self.campaigns()), 1)

    def test_failed_and_unsupported_rows_are_kept_too(self):
        self.bench("--repeat", "1", "-o", "fake.fail_at_load=engine_failed", code=3)
        runs = json.loads(self.bakeoff("runs", "list", "1", "--json").stdout)["runs"]
        self.assertEqual({run["engine"]: run["status"] for run in runs}, {"null": "ok", "fake": "failed"})
        self.assertIn("failed", self.bakeoff("runs", "show", "1").stdout)
        self.bench("--repeat", "1", "--precision", "f16")
        runs = json.loads(self.bakeoff("runs", "list", "2", "--json").stdout)["runs"]
        self.assertEqual({run["engine"]: run["status"] for run in runs}, {"null": "ok", "fake": "unsupported"})

    def test_export_as_csv_and_to_a_file(self):
        self.bench("--repeat", "2")
        rows = list(csv.DictReader(io.StringIO(self.bakeoff("runs", "export", "1", "--format", "csv").stdout)))
        self.assertEqual([row["engine"] for row in rows], ["null", "null", "fake", "fake"])
        out = self.folder / "out.jsonl"
        self.assertEqual(self.bakeoff("runs", "export", "1", "1", "--out", out).stdout, "")
        self.assertEqual(len(out.read_text().splitlines()), 8)
        self.fails("runs", "export", "1", "--format", "csv", "--samples", says="--samples")
        self.fails("runs", "export", "1", "--format", "xml", says="jsonl or csv")
        self.fails("runs", "export", "1", "--out", self.folder / "none/x", says="no such folder")

    def test_the_plan_says_how_long_it_will_take_once_that_is_known(self):
        slow = ["-o", "fake.median_us=20000", "-o", "fake.wait=sleep"]
        first = self.bench("--repeat", "1", *slow, engines="fake")
        self.assertNotIn("by earlier runs", first.stderr)
        self.assertIn("1 measurement, in a time that is not known before the first of them is done", first.stderr)
        # 60 inferences of 20 ms and more, three times.
        second = self.bench("--repeat", "3", *slow, engines="fake")
        told = re.search(r"about (\d+) s by earlier runs,", second.stderr)
        self.assertTrue(told and 3 <= int(told[1]) <= 40, second.stderr)
        self.assertIn("by earlier runs of 1 of the rows", self.bench("--repeat", "1", "--batch", "1,7", engines="fake").stderr)

    def test_names_and_deletion(self):
        self.bench("--repeat", "1", "--name", "a")
        self.bench("--repeat", "1")
        self.fails("bench", self.model, "--engines", "null", *QUICK, "--name", "a", says="belongs to campaign 1")
        self.bakeoff("runs", "rename", "2", "b")
        self.fails("runs", "rename", "1", "b", says="belongs to campaign 2")
        self.fails("runs", "show", "bb", says="did you mean 'b'?")
        for name, says in (("r5", "name a run"), ("17", "taken for one"), ("", "name is empty"), (" ", "cannot be seen")):
            self.fails("runs", "rename", "1", name, says=says)
            self.fails("bench", self.model, "--engines", "null", *QUICK, "--name", name, says=says)
        self.fails("runs", "rename", "1", says="NAME is missing")
        self.fails("runs", "rename", "1", "c", "--remove", says="not both")
        self.assertIn("has no name now", self.bakeoff("runs", "rename", "2", "--remove").stderr)
        self.assertEqual([c["name"] for c in self.campaigns()], [None, "a"])
        self.bakeoff("runs", "rename", "2", "b")
        self.fails("runs", "show", "r99", says="no run 99")
        self.fails("runs", "delete", "a", "nothing", says="no campaign 'nothing'")
        self.assertEqual(len(self.campaigns()), 2)
        self.bakeoff("runs", "delete", "a", "2")
        self.assertEqual(self.campaigns(), [])
        self.assertIn("no campaigns", self.bakeoff("runs", "list").stdout)

    def test_filters_name_what_there_is(self):
        self.bench("--repeat", "1")
        for words, says in ((("--status", "fail"), "did you mean 'failed'?"), (("--engine", "nul"), "did you mean 'null'?"), (("--model", "other"), "there are: net")):
            self.fails("runs", "list", *words, says=says)
        self.assertEqual(self.bakeoff("runs", "list", "1", "--status", "failed").stdout, "no such runs\n")
        self.assertIn("null", self.bakeoff("runs", "list", "--engine", "null", "--model", "net").stdout)
        self.fails("runs", "list", "--store", ".", says="a folder; name a store of this tool")

    def test_a_list_of_runs_fits_and_reads_like_the_table_of_bench(self):
        self.bench("--repeat", "2")
        self.bench("--repeat", "1", "--batch", "1,2", "-o", "fake.median_us=2", "--scenario", "single-stream,offline")
        for words in (("1",), ("2",), ("--engine", "fake")):
            text = self.bakeoff("runs", "list", *words).stdout
            self.assertLessEqual(max(map(len, text.splitlines())), 80, text)
            self.assertNotRegex(text, r"\de[+-]\d", text)
        one = self.bakeoff("runs", "list", "1").stdout
        self.assertTrue(one.startswith("campaign 1, model net, scenario single-stream, threads 1, batch 1, precision"), one)
        self.assertRegex(one, r"(?m)^run +engine +rep +status +samples +p50 (ns|us|ms) +1/s$")

    def test_a_hangup_keeps_the_results(self):
        process = self.start("bench", self.model, "--engines", "null,fake", "--duration", "30", "--threads", "1", "--json", "r.json", text=True)
        deadline = time.monotonic() + 30
        while not (self.store.exists() and self.campaigns()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=30)
        self.assertTrue(json.loads((self.folder / "r.json").read_text())["interrupted"])
        self.assertEqual(self.campaigns()[0]["state"], "stopped")

    def test_a_killed_one_is_resumed_at_once_and_shown_without_a_grade(self):
        words = ("bench", self.model, "--engines", "fake", "--count", "50", "--repeat", "2", "--threads", "1", "-o", "fake.median_us=20000", "-o", "fake.wait=sleep")
        process = self.start(*words)
        deadline = time.monotonic() + 30
        while not (self.store.exists() and self.campaigns() and self.campaigns()[0]["runs"]) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        # Nobody has asked yet how it ended: it is a zombie, which still has its number.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.assertEqual([c["state"] for c in self.campaigns()], ["stopped"])
        self.assertIn("environment not graded", self.bakeoff("runs", "show", "1").stdout)
        self.bakeoff(*words, "--resume")
        process.communicate()
        self.assertEqual([c["state"] for c in self.campaigns()], ["done"])

    def test_resume_measures_only_what_is_missing(self):
        self.bench("--repeat", "2")
        with sqlite3.connect(self.store) as store:
            store.execute("PRAGMA foreign_keys = ON")
            store.execute("DELETE FROM runs WHERE id = 2")
            store.execute("UPDATE campaigns SET state = 'stopped'")
        kept = {run["id"] for run in json.loads(self.bakeoff("runs", "list", "1", "--json").stdout)["runs"]}
        result = self.bench("--repeat", "2", "--resume", "--json")
        self.assertIn("3 of 4 runs were there", result.stderr)
        self.assertEqual(len(json.loads(result.stdout)["runs"]), 4)
        after = {run["id"] for run in json.loads(self.bakeoff("runs", "list", "1", "--json").stdout)["runs"]}
        self.assertEqual(len(after), 4)
        self.assertEqual(len(after - kept), 1)
        # Whole now: nothing is measured again, and the table is shown.
        again = self.bench("--repeat", "2", "--resume")
        self.assertIn("4 of 4 runs were there", again.stderr)
        self.assertIn("fake", again.stdout)
        self.assertEqual(len(self.campaigns()), 1)
        # A name that it did not have is told.
        self.assertNotIn("was called", self.bench("--repeat", "2", "--resume", "--name", "one").stderr)
        self.assertNotIn("was called", self.bench("--repeat", "2", "--resume", "--name", "one").stderr)
        self.assertIn("campaign 1 was called 'one' before; --name calls it 'two' now", " ".join(self.bench("--repeat", "2", "--resume", "--name", "two").stderr.split()))
        # Another plan is another campaign.
        other = self.bench("--repeat", "3", "--resume")
        self.assertIn("nothing to go on with", other.stderr)
        self.assertEqual([c["planned"] for c in self.campaigns()], [6, 4])

    def test_a_model_that_changed_is_another_plan(self):
        self.bench("--repeat", "1")
        shutil.copy(SOURCE / "tests/fixtures/pair.onnx", self.model)
        self.assertIn("nothing to go on with", self.bench("--repeat", "1", "--resume").stderr)

    def test_a_sweep_killed_fifty_times_has_the_rows_of_an_uninterrupted_one(self):
        sweep = ["--repeat", "2", "--batch", "1..10", "-o", "fake.seed=1,2,3", "-o", "fake.median_us=500", "-o", "fake.wait=sleep"]
        self.bench(*sweep, engines="fake", timeout=300)
        whole = self.rows(1)
        self.assertEqual(len(whole), 60)
        moments, kills, finished = random.Random(3), 0, []
        while kills < 50 or len(finished) < 1 or self.campaigns()[0]["state"] != "done":
            process = self.start("bench", self.model, "--engines", "fake", *QUICK, *sweep, "--seed", str(100 + len(finished)), "--resume")
            try:
                process.communicate(timeout=moments.uniform(0.02, 0.5) if kills < 50 else 300)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
                continue
            self.assertEqual(process.returncode, 0)
            finished.append(self.campaigns()[0])
        self.assertEqual(kills, 50)
        for campaign in finished:
            self.assertEqual((campaign["state"], campaign["runs"]), ("done", 60))
            self.assertEqual(self.rows(campaign["id"]), whole)
        # One campaign per seed: none was begun twice.
        self.assertEqual(len(self.campaigns()), 1 + len(finished))

    def test_ctrl_c_leaves_a_campaign_to_go_on_with(self):
        process = self.start("bench", self.model, "--engines", "fake", "--duration", "30", "--threads", "1", text=True)
        deadline = time.monotonic() + 30
        while not (self.store.exists() and self.campaigns()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertIn("--resume", words)
        self.assertEqual(self.campaigns()[0]["state"], "stopped")

    def test_two_at_once(self):
        both = [self.start("bench", self.model, "--engines", "fake", *QUICK, "--repeat", "5", "--name", name, text=True) for name in ("a", "b")]
        for process in both:
            out, words = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, out + words)
        self.assertEqual({c["name"]: c["runs"] for c in self.campaigns()}, {"a": 5, "b": 5})

    def test_a_campaign_at_work_is_not_resumed(self):
        slow = self.start("bench", self.model, "--engines", "fake", "--duration", "60", "--repeat", "1", "--threads", "1")
        self.addCleanup(slow.communicate)
        self.addCleanup(slow.kill)
        deadline = time.monotonic() + 30
        while not (self.store.exists() and self.campaigns()) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.fails("bench", self.model, "--engines", "fake", "--duration", "60", "--repeat", "1", "--threads", "1", "--resume", code=3,
                   says=f"process {slow.pid} of this machine is working on campaign 1")

    def test_budget_and_ablation(self):
        begun = time.monotonic()
        # Inferences of milliseconds: to look through the millions of samples that shorter ones give, a sanitizer needs longer than the budget.
        result = self.bakeoff("bench", self.model, "--engines", "fake", "-o", "fake.median_us=2000,4000", "--budget", f"{8 * SLOWNESS}s", "--repeat", "2",
                              "--threads", "1", "--json", timeout=60 * SLOWNESS)
        self.assertEqual(len(json.loads(result.stdout)["runs"]), 4)
        self.assertGreater(time.monotonic() - begun, 2)
        self.fails("bench", self.model, "--engines", "null", "--budget", "1s", says="at least 1.5s")
        self.fails("bench", self.model, "--engines", "null", "--budget", "10s", "--duration", "1", says="give one")
        options = ["-o", "fake.seed=1,2,3", "-o", "fake.output=echo,scale", "-o", "fake.median_us=2"]
        result = json.loads(self.bench("--repeat", "1", "--ablate", *options, "--json", engines="fake").stdout)
        sets = [row["options"] for row in result["summary"]]
        self.assertEqual(sets, [
            {"output": "echo", "seed": "1"},
            {"median_us": "2", "output": "echo", "seed": "1"},
            {"output": "scale", "seed": "1"},
            {"output": "echo", "seed": "2"},
            {"output": "echo", "seed": "3"},
            {"median_us": "2", "output": "scale", "seed": "3"},
        ])
        self.fails("bench", self.model, "--engines", "null", "--ablate", says="-o ENGINE.OPTION=VALUE")

    def test_ablation_marks_the_base_each_option_alone_and_all_together(self):
        # A tenth of the time: more than a busy machine hides, though three repetitions may not prove it there.
        words = ["--ablate", "--repeat", "3", "-o", "fake.wait=sleep", "-o", "fake.median_us=20000,2000", "-o", "fake.delay=constant,uniform"]
        shown = self.bench(*words, engines="fake", quick=["--count", "10", "--warmup", "5ms", "--threads", "1"]).stdout
        # What was stored shows the same, also as Markdown, whose cells never wrap.
        self.assertIn(shown, self.bakeoff("runs", "show", "1").stdout)
        tables = self.bakeoff("runs", "show", "1", "--markdown").stdout
        number = r"<?[\d.]+"  # three repetitions on a busy machine may leave an interval of any width
        rows = re.findall(rf"(?m)^\| (base|alone|all) \| (.*?) \| ({number}x?) \| (-|{number} \.\. {number}) \| *(.*?) *\|$", tables)
        self.assertEqual([row[0] for row in rows], ["base", "alone", "alone", "alone", "all"], tables)
        base, *others = rows
        self.assertEqual(base[1:4], ("delay=constant median_us=20000", "1", "-"))
        for kind, options, times, interval, verdict in others:
            low, high = (float(end.lstrip("<")) for end in interval.split(" .. "))
            self.assertTrue(low <= float(times[:-1]) <= high, options)
            self.assertEqual(verdict == "faster", low > 1, options)
            if "median_us=2000" in options:
                self.assertGreater(float(times[:-1]), 2, options)
            # The console has the same row, its options wrapped where numbers are long.
            self.assertRegex(shown, rf"(?m)^{kind} +{re.escape(options.split(' ')[0])}.* {re.escape(times)} +{re.escape(interval)} ")
        self.assertIn("all intervals together hold with 99 %", " ".join(shown.split()))


if __name__ == "__main__":
    unittest.main()
