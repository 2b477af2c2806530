#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff run` on the real binary: small campaigns with the engines for testing, and one through every stage where this build can."""
import contextlib
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import time
import unittest

from campaigns import NEEDS_ENGINE, QUICK, Campaign
from support import BIN, SLOWNESS, bmp, marked, wait_until

GOLDEN = pathlib.Path(__file__).parent / "run_golden.json"
# Times, hashes and versions differ from run to run and from machine to machine.
MASKED = ("created_at", "updated_at", "started_at", "wall_ns", "host_overhead_ns", "key", "version", "contents")


class Running(Campaign):
    def masked(self, value, key=""):
        if key in MASKED:
            return None if value is None else "masked"
        if isinstance(value, dict):
            return {name: self.masked(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.masked(inner) for inner in value]
        return value

    def test_state_is_what_it_was(self):
        self.fake(more=", dataset: {test_size: [10, 20]}")
        self.run_it()
        state = self.masked(self.state())
        if os.environ.get("BAKEOFF_WRITE_GOLDEN"):
            GOLDEN.write_text(json.dumps(state, indent=1) + "\n")
        self.assertEqual(state, json.loads(GOLDEN.read_text()))

    def test_nothing_is_done_twice(self):
        self.fake()
        first = self.run_it()
        self.assertIn("measure", first.stdout)
        before = self.steps()["latency"]
        again = self.run_it()
        after = self.steps()["latency"]
        self.assertEqual(after["status"], "reused")
        self.assertIn("everything is done already", again.stderr)
        self.assertEqual([before[name] for name in ("started_at", "wall_ns", "campaign", "key")], [after[name] for name in ("started_at", "wall_ns", "campaign", "key")])

    def test_the_folder_may_be_moved_and_so_may_the_model(self):
        self.fake()
        self.run_it()
        shutil.move(self.folder / "out", self.folder / "elsewhere")
        (self.folder / "models").mkdir()
        shutil.move(self.folder / "net.onnx", self.folder / "models/net.onnx")
        self.write((self.folder / "c.yaml").read_text().replace("net.onnx", "models/net.onnx"))
        self.run_it(out="elsewhere")
        self.assertEqual(self.statuses("elsewhere"), {"latency": "reused"})
        self.bakeoff("make-model", "mlp", "models/net.onnx", "--seed", "2", "--force")
        result = self.run_it(out="elsewhere")
        self.assertEqual(self.statuses("elsewhere")["latency"], "ok")
        self.assertIn("The model itself is another one than before", " ".join(result.stdout.split()))
        self.assertTrue(self.state("elsewhere")["previous"]["steps"][0]["model_changed"])
        self.run_it("c.yaml", "--from", "measure", out="elsewhere")
        self.assertFalse(self.state("elsewhere")["previous"]["steps"][0]["model_changed"])

    def test_the_folder_may_be_written_in_any_way(self):
        """Its own directory, an absolute path, a path through a parent: the same keys, and nothing is done again."""
        self.write(f"name: tiny\nmodel: {self.folder}/net.onnx\nconvert: none\nverify: {{engines: fake, seeds: 1}}\nreport: false\nmeasure: {{engines: fake, {QUICK}}}\n")
        self.run_it()
        keys = {name: step["key"] for name, step in self.steps().items()}
        inner = self.folder / "out/json"
        for cwd, out in ((self.folder / "out", "."), (self.folder / "out", "../out"), (inner, ".."), (inner, "../../out/"), (self.folder, self.folder / "out"), (self.folder, "out")):
            with self.subTest(cwd=cwd, out=out):
                self.bakeoff("run", self.folder / "c.yaml", "--out", out, cwd=cwd, timeout=300)
                self.assertEqual(set(self.statuses().values()), {"reused"}, self.statuses())
                self.assertEqual({name: step["key"] for name, step in self.steps().items()}, keys)
        # Whichever way it is made first.
        (self.folder / "new").mkdir()
        self.bakeoff("run", self.folder / "c.yaml", "--out", ".", cwd=self.folder / "new", timeout=300)
        self.assertEqual({name: step["key"] for name, step in self.steps("new").items()}, keys)
        self.assertEqual(sorted(path.name for path in (self.folder / "new").iterdir()), sorted(path.name for path in (self.folder / "out").iterdir()))

    def test_an_option_measures_its_engines_rows_alone(self):
        self.fake()
        self.run_it()
        before = self.result("latency")["runs"]
        self.fake("fake.median_us: 3000")
        result = self.run_it()
        runs = self.result("latency")["runs"]
        ids = {run["engine"]: run["reused_from"] for run in runs}
        self.assertEqual({run["engine"] for run in runs if run["reused_from"]}, {"null"})
        self.assertIsNotNone(ids["null"])
        self.assertIsNone(ids["fake"])
        # Taken over as it was, samples and all.
        old = [run for run in before if run["engine"] == "null"]
        new = [run for run in runs if run["engine"] == "null"]
        for a, b in zip(old, new):
            self.assertEqual({**a, "reused_from": 0, "reused_campaign": 1}, {**b, "reused_from": 0})
        listed = json.loads(self.bakeoff("runs", "list", "--store", "out/results.db", "--json").stdout)
        self.assertEqual([row["name"] for row in listed["campaigns"]], ["latency-2", "latency"])
        self.assertIn("Against what was measured before", result.stdout)
        self.assertNotIn("The model itself is another one", result.stdout)
        state = self.state()
        self.assertEqual([(row["step"], row["old"], row["new"]) for row in state["previous"]["steps"]], [("latency", 1, 2)])
        changes = self.result("changes-latency")
        # Null's runs are the same ones; fake's row is held against what it was before the option changed.
        (row,) = changes["rows"]
        self.assertEqual([row[side]["row"]["options"]["median_us"] for side in "ab"], ["100", "3000"])
        self.assertGreater(row["ratio"], 1)
        notes = " ".join(changes["notes"])
        self.assertIn("1 row of B is A's own runs", notes)
        self.assertIn("fake: another setting of the same row: median_us 100 / 3000", notes)
        self.assertEqual([changes["only_a"], changes["only_b"]], [[], []])
        self.assertRegex(" ".join(result.stdout.split()), r"each row by itself: 1 (slower|unclear|tie);")
        # A list of values, then another option beside it, and a batch: each row against its like, other work against none.
        self.fake("fake.median_us: [300, 3000]")
        self.run_it()
        self.fake("fake.median_us: [300, 3000], fake.seed: 2")
        self.run_it()
        rows = self.result("changes-latency")["rows"]
        self.assertEqual([row["changed"] for row in rows], ["seed its default / 2"] * 2)
        self.write((self.folder / self.fake()).read_text().replace("batch: 1", "batch: 4"))
        result = self.run_it()
        changes = self.result("changes-latency")
        self.assertEqual((changes["rows"], len(changes["only_b"])), ([], 2))
        self.assertNotIn("than before", result.stdout)
        self.assertNotIn("Set otherwise", result.stdout)
        # And back: everything was measured before.
        self.fake()
        self.run_it()
        self.assertTrue(all(run["reused_from"] for run in self.result("latency")["runs"]))
        self.assertEqual(self.statuses(), {"latency": "ok", "changes-latency": "ok"})

    def test_from_measures_anew(self):
        self.fake()
        self.run_it()
        self.run_it("c.yaml", "--from", "measure")
        self.assertEqual([run["reused_from"] for run in self.result("latency")["runs"]], [None] * 6)
        self.assertEqual(self.steps()["latency"]["campaign"], 2)
        self.assertEqual(self.steps()["latency"]["earlier"], [1])

    def test_only_does_one_stage(self):
        self.write(f"model: net.onnx\nverify: {{engines: fake, seeds: 1}}\nconvert: none\nreport: false\nmeasure: {{engines: fake, {QUICK}}}\n")
        self.run_it("c.yaml", "--only", "measure")
        self.assertEqual(self.statuses(), {"verify": "pending", "latency": "ok"})
        self.run_it("c.yaml", "--only", "verify")
        self.assertEqual(self.statuses()["latency"], "ok")
        self.assertNotEqual(self.statuses()["verify"], "pending")

    @NEEDS_ENGINE
    def test_only_needs_what_comes_before(self):
        self.write(f"data: {{make: fruits, part: 0.001}}\ntrain: {{epochs: 1}}\nreport: false\nmeasure: {{engines: fake, {QUICK}}}\n")
        result = self.bakeoff("run", "c.yaml", "--out", "out", "--only", "measure", code=2)
        self.assertIn("--only measure: the step train before it is not done", result.stderr)
        self.assertIn("--only train", result.stderr)
        self.assertNotIn("everything is done", result.stderr)
        self.bakeoff("run", "c.yaml", "--out", "out", "--only", "measure", "--dry-run", code=2)

    def test_only_shows_the_times_of_its_stage_alone(self):
        self.write(f"model: net.onnx\nverify: {{engines: fake, seeds: 1}}\nconvert: none\nmeasure: {{engines: fake, {QUICK}}}\n")
        time_of = lambda result, stage: re.search(rf"^ *{stage} +(\S+(?: m?s)?) +(\S+)", result.stdout, re.MULTILINE).groups()
        result = self.run_it("c.yaml", "--only", "measure", code=(0, 1, 3))
        self.assertEqual(time_of(result, "verify"), ("-", "-"))
        self.run_it(code=(0, 1, 3))
        for words in ((), ("--from", "report")):
            self.run_it("c.yaml", *words, code=(0, 1, 3))
            result = self.run_it("c.yaml", "--only", "measure", code=(0, 1, 3))
            self.assertEqual(time_of(result, "report"), ("kept", "-"), result.stdout)

    @unittest.skipUnless((BIN / "bakeoff-hop-onnx-tflite").exists() and (BIN / "bakeoff-engine-litert").exists() and (BIN / "bakeoff-engine-onnxruntime").exists(), "nothing here converts ONNX to TFLite and proves it")
    def test_a_given_model_is_converted_beside_it(self):
        self.write(f"model: net.onnx\nconvert: [tflite]\nverify: {{seeds: 1}}\nreport: false\nmeasure: {{engines: litert, {QUICK}}}\n")
        self.run_it()
        self.assertEqual(self.statuses(), {"convert-tflite": "ok", "verify": "ok", "latency": "ok"})
        self.assertTrue((self.folder / "out/converted/net.tflite").exists())
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["c.yaml", "cache", "net.onnx", "out"])

    def test_an_engine_that_fails_stops_nothing(self):
        self.fake("fake.crash_at_run: 3", more=", dataset: {test_size: 20}")
        result = self.run_it(code=3)
        self.assertEqual(self.statuses(), {"latency": "ok", "dataset": "ok"})
        self.assertEqual({(row["engine"], row["status"]) for row in self.result("latency")["summary"]}, {("fake", "failed"), ("null", "ok")})
        state = self.state()
        self.assertEqual((state["status"], self.steps()["latency"]["rows"]), ("done", "failed"))
        self.assertTrue(any("fake" in warning for warning in state["warnings"]), state["warnings"])
        self.assertRegex(result.stdout, r"null takes \S+ \S+ per inference")

    def test_a_step_that_fails_stops_nothing(self):
        """Nobody can evaluate this model on these pictures."""
        self.bakeoff("data", "make", "fruits", "--part", "0.001", "--out", "fruits")
        self.write(f"model: net.onnx\ndata: {{path: fruits}}\nconvert: none\nverify: false\nreport: false\nevaluate: {{engines: fake}}\nmeasure: {{engines: fake, {QUICK}}}\n")
        result = self.run_it(code=3)
        self.assertEqual(self.statuses(), {"data-info": "ok", "evaluate-fake-onnx": "failed", "latency": "ok"})
        self.assertEqual(self.state()["status"], "failed")
        error = self.steps()["evaluate-fake-onnx"]["error"]
        self.assertTrue(error["text"])
        self.assertIn(error["text"][:40], result.stderr)
        # In words of the file, not of the command line.
        self.assertIn("it takes no pictures, whose axes are N, C, H and W", error["text"])
        self.assertNotIn("--layout", result.stderr)
        self.assertIn(error["text"][:40], (self.folder / "out/log/evaluate-fake-onnx.log").read_text())

    @NEEDS_ENGINE
    def test_data_that_cannot_be_used_ends_what_needs_it(self):
        (self.folder / "pictures/only").mkdir(parents=True)
        bmp(self.folder / "pictures/only/1.bmp", (10, 20, 30), 1)
        self.write(f"data: {{path: pictures}}\ntrain: {{epochs: 1}}\nreport: false\nmeasure: {{engines: fake, {QUICK}}}\n")
        result = self.run_it(code=3)
        statuses = self.statuses()
        self.assertEqual([statuses[name] for name in ("split", "data-info", "train", "latency")], ["failed", "skipped", "skipped", "skipped"])
        # Whatever is skipped names the one step that is to blame, and its own words.
        for name in ("data-info", "train", "verify", "latency"):
            text = self.steps()[name]["error"]["text"]
            self.assertRegex(text, r"^out/\S+ is not there, because 'Divide the data' failed: only one class \('only'\)", name)
            self.assertEqual(text.count("because"), 1, text)
        self.assertEqual(result.stderr.count("because 'Divide the data' failed"), 1, result.stderr)
        self.assertEqual(result.stderr.count("skipped: 'Divide the data' did not do its work (only one class ('only')"), list(statuses.values()).count("skipped") - 1, result.stderr)

    @NEEDS_ENGINE
    def test_too_many_broken_pictures_are_named(self):
        for i in range(8):
            for name in ("red", "blue"):
                (self.folder / "pictures" / name).mkdir(parents=True, exist_ok=True)
                bmp(self.folder / "pictures" / name / f"{i}.bmp", (200, 20 * i, 10), i)
            (self.folder / "pictures/red" / f"no-picture-of-anything-{i}.bmp").write_bytes(b"BM nothing")
        self.write(f"data: {{path: pictures}}\ntrain: {{epochs: 1}}\nreport: false\nmeasure: {{engines: fake, {QUICK}}}\n")
        result = self.run_it(code=3)
        for text in (result.stderr, result.stdout):
            words = " ".join(text.split())
            self.assertIn("8 of 24 pictures are broken, data.split.max_broken allows", words)
            for i in range(5):
                self.assertIn(f"red/no-picture-of-anything-{i}.bmp: not a JPEG", words)
            self.assertEqual(words.count("and 3 more"), 1, words)
        self.assertIn("all of it: out/log/split.log", " ".join(result.stderr.split()))
        # The list's heading stands without its list, and without its colon.
        self.assertRegex(result.stderr, r"skipped: 'Divide the data' did not do its work \(8 of 24 pictures are broken[^;:]*\)")
        self.assertIn("no-picture-of-anything-7.bmp", (self.folder / "out/log/split.log").read_text())

    def test_odd_data_is_told(self):
        for i in range(4):
            for name in ("train/red", "train/blue", "test/red", "test/blue"):
                folder = self.folder / "pictures" / name
                folder.mkdir(parents=True, exist_ok=True)
                bmp(folder / f"{i}.bmp", (200, 20 * i, 10) if "red" in name else (10, 20 * i, 200), sum(name.encode()) + i)
        (self.folder / "pictures/test/green").mkdir()
        bmp(self.folder / "pictures/test/green/1.bmp", (10, 200, 10), 5)
        (self.folder / "pictures/train/grey").mkdir()
        (self.folder / "pictures/train/red/broken.bmp").write_bytes(b"BM nothing")
        self.write(f"model: net.onnx\ndata: {{path: pictures}}\nconvert: none\nverify: false\nreport: false\nevaluate: false\nmeasure: {{engines: fake, {QUICK}}}\n")
        result = self.run_it()
        words = " ".join(result.stdout.split())
        for told in ("1 picture cannot be read and was left out", "the class 'green' has no training picture and 1 in the test part: no model can learn it", "the class 'grey' has no pictures"):
            self.assertIn(told, words)

    def test_a_class_that_training_never_saw_counts_as_wrong_and_ends_nothing(self):
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        readers = [row["name"] for row in engines if row["status"] == "present" and not row["for_testing"] and "torchscript" in row["formats"]]
        if not readers or not (BIN / "bakeoff-train").exists():
            self.skipTest("this build does not train, or has no engine for what it trains")
        colours = {"red": (10, 20, 200), "blue": (200, 20, 10), "kiwi": (10, 200, 20)}
        for part, count in (("train", 12), ("test", 4)):
            for name in ("red", "blue") if part == "train" else colours:
                folder = self.folder / "pictures" / part / name
                folder.mkdir(parents=True)
                for i in range(count):
                    bmp(folder / f"{i}.bmp", colours[name], sum((part + name).encode()) + i)
        self.write(f"data: {{path: pictures}}\ntrain: {{width: 0.1, image_size: 16, batch: 8, epochs: 1, threads: 1}}\nconvert: none\nverify: false\n"
                   f"evaluate: {{engines: {readers[0]}, threads: 1}}\nmeasure: {{engines: fake, {QUICK}}}\n")
        result = self.run_it()
        self.assertTrue(all(status == "ok" for status in self.statuses().values()), self.statuses())
        self.assertIn("the class 'kiwi' has no training picture and 4 in the test part", " ".join(result.stdout.split()))
        self.assertIn("no training picture of the class 'kiwi' (0 in val, 4 in test)", (self.folder / "out/log/split.log").read_text())
        self.assertIn("no training picture of the class 'kiwi'", (self.folder / "out/log/train.log").read_text())
        self.assertEqual(json.loads((self.folder / "out/model/model.json").read_text())["classes"], ["blue", "red"])
        found = self.result(f"evaluate-{readers[0]}-torchscript")
        self.assertEqual((found["pictures"], found["examples"], found["unseen_classes"], found["unseen_pictures"]), (12, 12, ["kiwi"], 4))
        self.assertEqual([row["name"] for row in found["classes"]], ["blue", "red", "kiwi"])
        self.assertEqual((found["classes"][2]["examples"], found["classes"][2]["recall"]), (4, 0))
        self.assertAlmostEqual(found["top1"] * 12, found["top1_of_seen"] * 8)
        self.assertEqual([len(row) for row in found["confusion"]], [3, 3, 3])
        self.assertTrue(any("4 of the 12 pictures are of the class 'kiwi', which training never saw" in note for note in found["notes"]), found["notes"])
        self.assertIn("4 of 12 test pictures are of the class kiwi, which training never saw", (self.folder / "out/report.html").read_text())

    def test_a_model_that_says_nothing_of_pictures_is_told(self):
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        readers = [row["name"] for row in engines if row["status"] == "present" and not row["for_testing"] and "onnx" in row["formats"]]
        if not readers:
            self.skipTest("this build has no engine that reads ONNX")
        self.bakeoff("data", "make", "fruits", "--part", "0.001", "--out", "fruits")
        self.bakeoff("make-model", "mobilenet_v2", "plain.onnx", "--width", "0.1", "--image-size", "32", "--classes", "10")
        self.write(f"model: plain.onnx\ndata: {{path: fruits}}\nconvert: none\nverify: false\nreport: false\nevaluate: {{engines: {readers[0]}, threads: 1}}\nmeasure: false\n")
        words = " ".join(self.run_it().stdout.split())
        # With the file's own keys, which say better.
        self.assertIn("pre-processing assumed, model.preprocess FILE gives the model's own: {", words)
        self.assertIn("classes assumed: the model names none, its scores are taken in the data's order; model.classes FILE names them", words)
        self.assertIn("layout of 'input' assumed: NCHW; model.layout input=AXES gives another", words)
        # A model of something else, on two engines: their one reason is told once at the end.
        if len(readers) > 1:
            self.write((self.folder / "c.yaml").read_text().replace("plain.onnx", "net.onnx").replace(f"engines: {readers[0]}", f"engines: [{readers[0]}, {readers[1]}]"))
            words = " ".join(self.run_it(code=3).stdout.split())
            self.assertIn(f"evaluate-{readers[0]}-onnx, evaluate-{readers[1]}-onnx failed: net.onnx: input 'input': the input is ", words)
            self.assertEqual(words.count("it takes no pictures, whose axes are N, C, H and W"), 1, words)

    def test_report_is_written_at_the_end_and_only_when_something_is_new(self):
        self.write((self.folder / self.fake()).read_text().replace("report: false\n", ""))
        first = self.run_it()
        self.assertIn(f"Report: out/report.html", first.stdout)
        self.assertTrue((self.folder / "out/report.html").exists())
        self.run_it()
        self.assertEqual(self.statuses(), {"latency": "reused", "report": "reused"})
        (self.folder / "out/report.html").unlink()
        self.run_it()
        self.assertEqual(self.statuses(), {"latency": "reused", "report": "ok"})
        self.run_it("c.yaml", "--only", "report", "--from", "report")
        self.assertEqual(self.statuses(), {"latency": "reused", "report": "ok"})

    def test_report_of_before_is_told_and_made_anew(self):
        text = (self.folder / self.fake()).read_text().replace("report: false\n", "")
        edits = iter(range(200, 900, 100))
        edit = lambda more="": self.write(text.replace("fake.median_us: 100", f"fake.median_us: {next(edits)}") + more)
        self.write(text)
        self.run_it()
        page = lambda: hashlib.sha256((self.folder / "out/report.html").read_bytes()).hexdigest()
        for words in (("--only", "report"), ()):
            edit()
            before = page()
            for _ in range(2):  # it does not become one of now because nothing more was done
                result = self.run_it("c.yaml", "--only", "measure")
                self.assertRegex(result.stdout, r"(?m)^report +- +- +of before what was done now *$")
                said = " ".join(result.stdout.split())
                self.assertIn("Report: out/report.html is of before what was done now; make it anew: bakeoff run c.yaml --out out --only report, or the same without --only", said)
                self.assertEqual((page(), self.statuses()["report"]), (before, "pending"))
            self.assertNotIn("everything is done", self.run_it("c.yaml", *words, "--dry-run").stdout)
            result = self.run_it("c.yaml", *words)
            self.assertEqual(self.statuses(), {"latency": "reused", "changes-latency": "reused", "report": "ok"})
            self.assertNotEqual(page(), before)
            self.assertRegex(result.stdout, r"(?m)^Report: out/report\.html$")
            self.assertIn("everything is done already", self.run_it().stderr)
            self.assertRegex(self.run_it("c.yaml", "--only", "measure").stdout, r"(?m)^report +kept ")
        # Measured while the file asked for no report, and then for one again.
        edit("report: false\n")
        self.run_it()
        before = page()
        self.write((self.folder / "c.yaml").read_text().replace("report: false\n", ""))
        self.run_it()
        self.assertEqual((self.statuses()["latency"], self.statuses()["report"]), ("reused", "ok"))
        self.assertNotEqual(page(), before)
        # What no command of it says, but the page does.
        self.write((self.folder / "c.yaml").read_text() + "title: A heading of its own\n")
        self.assertRegex(self.run_it("c.yaml", "--only", "measure").stdout, r"(?m)^report +- ")
        self.run_it()
        self.assertIn("A heading of its own", (self.folder / "out/report.html").read_text())

    def test_a_result_that_is_no_json_any_more_is_told_again(self):
        self.write((self.folder / self.fake()).read_text().replace("report: false\n", ""))
        self.run_it()
        self.write((self.folder / "c.yaml").read_text().replace("fake.median_us: 100", "fake.median_us: 3000"))
        self.run_it()
        runs = lambda: [{**run, "id": 0, "campaign": 0, "reused_from": 0, "reused_campaign": 0} for run in self.result("latency")["runs"]]
        samples, changes, compared = runs(), self.result("changes-latency")["rows"], self.state()["previous"]["steps"][0]
        for step in ("latency", "changes-latency", "report"):
            for damage in ("{", "", None):
                file = self.folder / "out/json" / f"{step}.json"
                file.unlink() if damage is None else file.write_text(damage)
                result = self.run_it()
                self.assertNotIn("everything is done", result.stderr)
                self.assertIn(f"out/json/{step}.json is {'gone' if damage is None else 'no JSON any more'}; the step is done again", " ".join(result.stderr.split()))
                json.loads(file.read_text())
                # Nothing is measured for it, and what it is compared with is no other.
                self.assertEqual(runs(), samples)
                self.assertTrue(all(run["reused_from"] for run in self.result("latency")["runs"]) or step != "latency")
                self.assertEqual([row["verdict"] for row in self.result("changes-latency")["rows"]], [row["verdict"] for row in changes])
                self.assertEqual(self.state()["previous"]["steps"][0]["old"], compared["old"])
                again = self.run_it()
                self.assertIn("everything is done already", again.stderr)
                self.assertNotIn("done again", again.stderr)

    def test_a_folder_of_another_campaign_is_left_alone(self):
        self.fake()
        self.run_it()
        self.write((self.folder / "c.yaml").read_text().replace("name: tiny", "name: other"))
        self.fails("run", "c.yaml", "--out", "out", says="holds the campaign 'tiny', and this one is 'other'")

    def test_two_at_once_are_one_too_many(self):
        self.fake("fake.median_us: 20000", more=", timeout: 100s")
        first = self.start("run", "c.yaml", "--out", "out")
        self.addCleanup(first.communicate)
        self.addCleanup(first.kill)
        self.assertTrue(wait_until(lambda: (self.folder / "out/json").exists(), 20))
        second = self.bakeoff("run", "c.yaml", "--out", "out", code=3)
        self.assertIn("another `bakeoff run` is at work in it", second.stderr)

    def test_a_full_disk_keeps_what_is_done(self):
        disk = self.small_disk(kib=20 << 10)
        self.fake()
        self.run_it(out=disk / "out")
        (disk / "ballast").write_bytes(b"x" * (10 << 20))
        self.fake("fake.median_us: 200")
        result = self.bakeoff("run", "c.yaml", "--out", disk / "out", code=3)
        self.assertIn("free some", result.stderr)
        # Not a page is left: the store cannot even be opened.
        (disk / "rest").write_bytes(b"")
        with contextlib.suppress(OSError), open(disk / "rest", "ab", buffering=0) as rest:
            while rest.write(b"x" * 4096):
                pass
        result = self.bakeoff("run", "c.yaml", "--out", disk / "out", code=3)
        self.assertIn("free some", result.stderr)
        self.assertNotIn("move", result.stderr)
        (disk / "rest").unlink()
        (disk / "ballast").unlink()
        self.run_it(out=disk / "out")
        listed = json.loads(self.bakeoff("runs", "list", "--store", disk / "out/results.db", "--json").stdout)
        self.assertEqual([row["ok"] for row in listed["campaigns"]], [6, 6])


class Showing(Campaign):
    def test_piped_progress_is_plain_lines(self):
        self.fake()
        text = self.run_it().stderr
        self.assertRegex(text, r"(?m)^\[measure\] step 1 of 1, Measure latency \(about \d+ s left\)$")
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\r", text)

    def test_a_terminal_shows_the_running_step(self):
        # Long enough on a calm machine too: a step tells its progress once a second.
        self.fake("fake.median_us: 30000")
        host, terminal = pty.openpty()
        process = self.start("run", "c.yaml", "--out", "out", stderr=terminal, env={**self.env, "TERM": "xterm"})
        os.close(terminal)
        shown = b""
        while True:
            if not select.select([host], [], [], 60)[0]:
                break
            try:
                got = os.read(host, 4096)
            except OSError:
                break
            if not got:
                break
            shown += got
        os.close(host)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertIn(b"\r\x1b[K[measure] step 1 of 1", shown)
        self.assertRegex(shown.decode(), r"\[measure 1/1\] \[\d/\d\] ")
        lines = re.split(r"[\r\n]+(?:\x1b\[K)?", shown.decode())
        self.assertLess(max(len(line) for line in lines), 80)
        self.assertTrue([line for line in lines if line.startswith("[measure 1/1] [") and re.search(r"about \d+ s left: ", line)], lines)

    def test_json_is_the_state(self):
        self.fake()
        printed = json.loads(self.run_it("c.yaml", "--json").stdout)
        self.assertEqual({**printed, "updated_at": 0}, {**self.state(), "updated_at": 0})

    def test_baseline_is_measured_and_told(self):
        self.write(f"model: net.onnx\nconvert: none\nverify: false\nreport: false\nbaseline: {{engine: fake, options: {{median_us: 20000}}, label: the slow one}}\nmeasure: {{engines: fake, {QUICK}, options: {{fake.median_us: 500}}}}\n")
        words = " ".join(self.run_it().stdout.split())
        found = re.search(r"([\d.]+) times as fast as the slow one \(99 % interval ([\d.]+) to ([\d.]+)\)", words)
        self.assertIsNotNone(found, words)
        ratio, low, high = map(float, found.groups())
        self.assertTrue(10 < ratio < 160 and low <= ratio <= high, words)
        self.assertEqual(self.state()["baseline"], {"engine": "fake", "options": {"median_us": "20000"}, "label": "the slow one"})


class Interrupted(Campaign):
    def begin(self, mark, *words):
        return self.start("run", "c.yaml", "--out", "out", *words, env={**self.env, "MARK": mark}, start_new_session=True)

    def running(self):
        try:
            return [step["stage"] for step in self.state()["steps"] if step["status"] == "running"]
        except (OSError, ValueError):
            return []

    def test_ctrl_c_stops_and_goes_on(self):
        self.fake("fake.median_us: 10000", more=", dataset: {test_size: 20}")
        process = self.begin("ctrl-c")
        self.assertTrue(wait_until(lambda: marked("ctrl-c") and self.running() == ["measure"], 30))
        time.sleep(0.5 * SLOWNESS)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn(b"the same command goes on from here", err)
        self.assertTrue(wait_until(lambda: not marked("ctrl-c"), 10))
        listed = json.loads(self.bakeoff("runs", "list", "--store", "out/results.db", "--json").stdout)
        self.assertEqual([row["state"] for row in listed["campaigns"]], ["stopped"], "the measurement was not told")
        state = self.state()
        self.assertEqual(state["status"], "stopped")
        before = self.steps()["latency"]["wall_ns"]
        self.assertGreaterEqual(before, 0.4e9, "the time until it was stopped is lost")
        began = time.monotonic()
        self.run_it()
        took = 1e9 * (time.monotonic() - began)
        self.assertEqual(self.statuses(), {"latency": "ok", "dataset": "ok"})
        listed = json.loads(self.bakeoff("runs", "list", "--store", "out/results.db", "--json").stdout)
        self.assertEqual(len(listed["campaigns"]), 2, "the measurement did not go on where it was")
        # The times of both calls: of the step, and of all.
        whole = self.state()
        steps = {name: step["wall_ns"] for name, step in self.steps().items()}
        self.assertGreater(steps["latency"], before)
        self.assertLess(steps["latency"] + steps["dataset"], before + took)
        self.assertGreater(whole["wall_ns"], state["wall_ns"])
        self.assertAlmostEqual(whole["wall_ns"] - whole["host_overhead_ns"], sum(steps.values()), delta=1e6)
        # What was done before it stopped counts when it ends, too.
        process = self.begin("ctrl-c-2", "--from", "measure")
        self.assertTrue(wait_until(lambda: self.statuses().get("dataset") == "running" or process.poll() is not None, 60))
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        done = self.steps()["latency"]
        shown = self.run_it().stdout
        self.assertEqual((self.steps()["latency"]["status"], self.steps()["latency"]["wall_ns"]), ("ok", done["wall_ns"]))
        self.assertNotIn("kept", shown)
        self.run_it()
        self.assertEqual(set(self.statuses().values()), {"reused"})

    def test_what_was_not_come_to_has_no_time(self):
        self.write((self.folder / self.fake("fake.median_us: 10000")).read_text().replace("report: false\n", ""))
        process = self.begin("not-come-to")
        self.assertTrue(wait_until(lambda: self.running() == ["measure"], 30))
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, err)
        self.assertRegex(out.decode(), r"(?m)^measure +[0-9.]+ s +[0-9.]+ %")
        self.assertRegex(out.decode(), r"(?m)^report +- +- *$")

    def test_killed_measurement_goes_on_where_it_was(self):
        self.fake("fake.median_us: 10000")
        process = self.begin("killed")
        export = lambda: json.loads(self.bakeoff("runs", "list", "--store", "out/results.db", "--json", code=(0, 2, 3)).stdout or '{"campaigns": []}')["campaigns"]
        self.assertTrue(wait_until(lambda: any(row["runs"] >= 2 for row in export()), 60))
        process.kill()
        process.communicate()
        self.assertTrue(wait_until(lambda: not marked("killed"), 10), "something outlived the host")
        done = export()[0]["runs"]
        self.run_it()
        log = (self.folder / "out/log/latency.log").read_text()
        self.assertIn(f"going on with campaign 1 in out/results.db: {done} of 6 runs were there", log)
        self.assertEqual(len(export()), 1)


@unittest.skipUnless((BIN / "bakeoff-train").exists() and (BIN / "bakeoff-hop-torch").exists(), "this build has no training")
class Whole(Interrupted):
    """Every stage, on a network of a few thousand weights."""

    TEXT = f"""
name: whole
data: {{make: fruits, seed: 5, part: 0.01}}
train: {{arch: mobilenet_v2, width: 0.1, image_size: 16, batch: 16, epochs: 3, threads: 1, seed: 3, augment: light}}
convert: onnx
verify: {{engines: READERS, seeds: 1, threads: 1}}
evaluate: {{engines: READERS, threads: 1, batch: 16}}
measure: {{engines: [fake, READERS], {QUICK}}}
"""

    def setUp(self):
        super().setUp()
        self.env["OMP_WAIT_POLICY"] = "passive"
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        readers = [row["name"] for row in engines if row["status"] == "present" and not row["for_testing"] and {"onnx", "torchscript"} & set(row["formats"])]
        two = [name for name in readers if "onnx" in next(row["formats"] for row in engines if row["name"] == name)][:1] + [name for name in readers if "torchscript" in next(row["formats"] for row in engines if row["name"] == name)][:1]
        if len(two) < 2:
            self.skipTest("this build has no engine for each format")
        self.write(self.TEXT.replace("READERS", ", ".join(two)).replace("engines: " + ", ".join(two), "engines: [" + ", ".join(two) + "]"))

    def facts(self, out):
        """Everything that a campaign found out, but for times."""
        folder = self.folder / out
        sha = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
        facts = {"statuses": {name: step["status"].replace("reused", "ok") for name, step in self.steps(out).items()}}
        facts["data"] = {path.relative_to(folder).as_posix(): sha(path) for path in sorted((folder / "data").rglob("*.jpg"))}
        facts["weights"] = sha(folder / "model/weights.safetensors")
        facts["train"] = {**self.result("train", out), "folder": None}
        for path in sorted((folder / "json").glob("evaluate-*.json")):
            result = json.loads(path.read_text())
            facts[path.stem] = {name: result[name] for name in ("top1", "confusion", "classes", "pictures")}
        facts["verify"] = [(row["format"], row["engine"], row["status"], row["max_abs"]) for row in self.result("verify", out)["rows"]]
        facts["convert"] = [row["status"] for row in self.result("convert-onnx", out)["rows"]]
        facts["latency"] = [[run[name] for name in ("engine", "format", "threads", "batch", "repetition", "status", "samples", "options")] for run in self.result("latency", out)["runs"]]
        return facts

    def test_killed_in_every_stage_it_ends_as_if_nothing_had_happened(self):
        whole = self.run_it("c.yaml", out="whole")
        self.assertIn("evaluated, top-1", " ".join(whole.stdout.split()))
        # Nobody named a baseline: it is what the model was trained in, as it was.
        baseline = self.state("whole")["baseline"]
        self.assertTrue(baseline["label"].endswith(", in which it was trained"), baseline)
        self.assertTrue(any(run["engine"] == baseline["engine"] and baseline["options"].items() <= run["options"].items() for run in self.result("latency", "whole")["runs"]))
        self.assertIn(baseline["label"], " ".join(whole.stdout.split()))
        for stage in ("data", "train", "convert", "verify", "evaluate", "measure", "report"):
            with self.subTest(stage=stage):
                mark = f"kill-{stage}"
                process = self.begin(mark)
                self.assertTrue(wait_until(lambda: stage in self.running() or process.poll() is not None, 120), f"{stage} did not begin")
                if stage == "train":  # between two epochs: what is told in the end is of both calls
                    self.assertTrue(wait_until(lambda: (self.folder / "out/model/last.safetensors").exists(), 60), "no epoch ended")
                if stage != "report":  # which is over in a moment
                    time.sleep(0.05)
                    self.assertIsNone(process.poll(), "it was over before it could be killed")
                process.kill()
                process.communicate()
                self.assertTrue(wait_until(lambda: not marked(mark), 10), "something outlived the host")
        self.run_it()
        self.assertEqual(self.facts("out"), self.facts("whole"))
        self.assertEqual(self.state("whole")["status"], "done")
        # Results that were spoiled since are told again, each with a word, and are the same.
        files = sorted((self.folder / "out/json").glob("*.json"))
        for i, file in enumerate(files):
            file.write_text("{"[i % 2:])
        said = " ".join(self.run_it().stderr.split())
        for file in files:
            self.assertIn(f"out/json/{file.name} is no JSON any more; the step is done again", said)
        self.assertEqual(self.facts("out"), self.facts("whole"))
        self.assertIn("everything is done already", self.run_it().stderr)
        # An edit of a finished stage does again what depends on it, and nothing is lost.
        text = (self.folder / "c.yaml").read_text()
        self.write(text.replace("epochs: 3", "epochs: 2"))
        self.run_it(out="whole")
        statuses = self.statuses("whole")
        self.assertEqual((statuses["data"], statuses["data-info"], statuses["train"], statuses["latency"]), ("reused", "reused", "ok", "ok"))
        self.assertEqual(len(list((self.folder / "whole/earlier").iterdir())), 1)
        self.assertTrue(self.state("whole")["previous"]["steps"])


if __name__ == "__main__":
    unittest.main()
