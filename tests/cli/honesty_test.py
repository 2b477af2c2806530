#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What `bench` and `verify` must not do: lose what was measured, crown a constant, call nothing compared a success, or leave out a row."""
import json
import os
import unittest
import zipfile

import onnx_maker
from support import SOURCE, CliTest

NET = SOURCE / "tests/fixtures/net.onnx"
QUICK = ["--count", "50", "--repeat", "1", "--warmup", "10ms", "--threads", "1"]


class HonestyTest(CliTest):
    def present(self, reads):
        rows = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        names = [row["name"] for row in rows if row["status"] == "present" and not row["for_testing"] and reads in row["formats"]]
        if not names:
            self.skipTest(f"no engine here reads {reads}")
        return names

    def test_a_store_is_never_overwritten(self):
        store = self.folder / "mine.db"
        words = ("bench", NET, "--engines", "null", *QUICK, "--store", store)
        self.bakeoff(*words)
        for option in ("json", "csv", "markdown"):
            self.fails(*words, f"--{option}={store}", says=f"--{option} {store}: that is a store of results, and would be lost")
        self.fails("runs", "export", "1", "--store", store, "--out", store, says="that is a store of results")
        self.assertIn("null", self.bakeoff("runs", "show", "1", "--store", store).stdout)

    def test_a_constant_answer_gets_no_speed(self):
        engine = self.present("onnx")[0]
        zeros = onnx_maker.tensor("w", (1, 4), onnx_maker.floats(0, 0, 0, 0))
        (self.folder / "zero.onnx").write_bytes(onnx_maker.model(
            [onnx_maker.node("Mul", ["x", "w"], ["y"])], [onnx_maker.port("x", "n", 4)], [onnx_maker.port("y", "n", 4)], [zeros]))
        result = self.bakeoff("bench", "zero.onnx", "--engines", engine, *QUICK, "--json", "r.json", code=1)
        run = json.loads((self.folder / "r.json").read_text())["runs"][0]
        self.assertEqual((run["status"], run["samples"], run["error"]["text"]), ("mismatch", 0, "its answers are unusable: output 'y': all 4 values are the same"))
        self.assertNotIn("fastest", result.stdout)
        self.bakeoff("verify", "zero.onnx", "--engines", engine, code=1)

    def test_one_answer_is_no_comparison(self):
        engine = self.present("onnx")[0]
        result = self.bakeoff("verify", NET, "--engines", engine, code=3)
        self.assertIn(f"nothing was compared: only {engine} answered", " ".join(result.stdout.split()))

    def test_no_place_for_a_conversion_is_a_failure(self):
        rows = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        engines = [row["name"] for row in rows if row["name"] == "litert" and row["status"] == "present"]
        if not engines:
            self.skipTest("no engine here that would need a conversion")
        (self.folder / "file").write_text("in the way")
        self.env["BAKEOFF_CACHE"] = str(self.folder / "file" / "cache")
        result = self.bakeoff("bench", NET, "--engines", engines[0], *QUICK, "--json", "r.json", code=3)
        run = json.loads((self.folder / "r.json").read_text())["runs"][0]
        self.assertEqual((run["status"], run["error"]["code"]), ("failed", "conversion"), result.stdout)
        self.assertIn("BAKEOFF_CACHE", run["error"]["text"])

    def test_a_value_given_twice_is_measured_once(self):
        report = json.loads(self.bakeoff("bench", NET, "--engines", "fake", "-o", "fake.seed=1,1", *QUICK, "--json").stdout)
        self.assertEqual(len(report["runs"]), 1)
        self.assertIn("-o fake.seed: '1' is there more than once; it is measured once", report["notes"])

    def test_more_threads_than_cpus_are_told_before(self):
        result = self.bakeoff("bench", NET, "--engines", "null", *QUICK[:-1], "4096")
        self.assertRegex(result.stderr, r"warning: 4096 threads on \d+ CPUs?")

    def test_a_prefix_is_in_the_record(self):
        cpu = min(os.sched_getaffinity(0))
        report = json.loads(self.bakeoff("bench", NET, "--engines", "null", *QUICK[:-1], "2", "--on", f"taskset -c {cpu}", "--json").stdout)
        self.assertEqual(report["runs"][0]["prefix"], f"taskset -c {cpu}")
        self.assertIn("with 2 threads, null had only 1 CPU to run on", report["notes"])
        self.assertIsNone(json.loads(self.bakeoff("bench", NET, "--engines", "null", *QUICK, "--json").stdout)["runs"][0]["prefix"])

    def test_what_cannot_run_is_a_row_too(self):
        words = ("bench", NET, "--engines", "null,fake", "-o", "fake.fail_at_load=engine_failed", *QUICK)
        result = self.bakeoff(*words, "--markdown", "r.md", code=3)
        self.assertRegex(result.stdout, r"(?m)^fake .* failed$")
        self.assertRegex((self.folder / "r.md").read_text(), r"(?m)^\| fake \|.*\| failed \|$")

    def test_an_engine_for_testing_is_not_called_compared(self):
        self.present("onnx")
        def check(*words):
            runs = json.loads(self.bakeoff("bench", NET, "--engines", "fake,onnxruntime", *words, "--count", "20", "--repeat", "1", "--warmup", "1ms", "--threads", "1", "--json", code=(0, 1)).stdout)["runs"]
            return next(run["check"] for run in runs if run["engine"] == "fake")
        alone = check()
        self.assertEqual((alone["verdict"], alone["reference"]), (None, None))
        self.assertIn("not compared: an engine for testing", alone["reason"])
        asked = check("--reference", "onnxruntime")
        self.assertIsNotNone(asked["verdict"])
        self.assertNotIn("for testing", asked["reason"] or "")

    def test_a_plan_without_a_row_that_runs_says_so(self):
        (self.folder / "lone.pb").write_bytes((SOURCE / "tests/fixtures/net.pb").read_bytes())
        said = " ".join(self.bakeoff("bench", self.folder / "lone.pb", "--engines", "onnxruntime", "--no-convert", "--count", "5", code=3).stderr.split())
        self.assertIn("nothing can be measured: 1 row cannot run", said)
        self.assertNotIn("0 rows", said)

    def test_advice_has_the_shape_that_the_file_tells(self):
        self.present("onnx")
        lone = self.folder / "lone.pt"
        lone.write_bytes((SOURCE / "tests/fixtures/net.pt").read_bytes())
        told = {"schema": 1, "name": "n", "classes": [], "preprocess": None, "inputs": [{"name": "image", "type": "f32", "shape": [-1, 3, 12, 20]}]}
        with zipfile.ZipFile(lone, "a") as archive:
            archive.writestr(archive.namelist()[0].split("/")[0] + "/extra/bakeoff.model.json", json.dumps(told))
        if "torch" in self.present("torchscript"):
            self.assertIn("give --shape image=1x3x12x20", " ".join(self.bakeoff("bench", lone, "--engines", "torch", "--count", "5", code=2).stderr.split()))
        said = " ".join(self.bakeoff("bench", lone, "--engines", "onnxruntime", "--no-convert", "--count", "5", code=3).stdout.split())
        if "bakeoff convert" not in said:
            self.skipTest("no hop here reads TorchScript")
        self.assertIn("--shape image=1x3x12x20", said)
        self.assertNotIn("224", said)

    def test_a_mean_that_stands_for_a_median_is_marked(self):
        # One row has 50 samples, the other 3: too few for a median, so it ranks by its mean, and says so.
        result = self.bakeoff("bench", NET, "--engines", "fake", "-o", "fake.median_us=1,100000", "--duration", "0.3", "--repeat", "1", "--warmup", "1ms", "--threads", "1")
        slow = next(line for line in result.stdout.splitlines() if "median_us=100000" in line)
        self.assertRegex(slow, r"~1\d{5}\b")  # microseconds: the fastest row chooses the unit
        self.assertIn("~: then the mean", " ".join(result.stdout.split()))


if __name__ == "__main__":
    unittest.main()
