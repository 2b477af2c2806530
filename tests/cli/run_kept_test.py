#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff run` where an edit fails and is undone: no attempt takes an earlier success with it."""
import hashlib
import json
import os
import signal
import unittest

from campaigns import QUICK, Campaign
from support import BIN, bmp, marked, wait_until

COLOURS = {"red": (10, 20, 200), "blue": (200, 20, 10)}


class Kept(Campaign):
    def pictures(self, folder="pictures", names=tuple(COLOURS), count=24):
        for name in names:
            (self.folder / folder / name).mkdir(parents=True)
            for i in range(count):
                bmp(self.folder / folder / name / f"{i}.bmp", COLOURS[name], sum((folder + name).encode()) + i)

    def edit(self, old, new):
        text = (self.folder / "c.yaml").read_text()
        self.assertIn(old, text)
        self.write(text.replace(old, new))

    def beginnings(self):
        return {name: step["started_at"] for name, step in self.steps().items() if step["stage"] != "report"}

    def sha(self, path):
        return hashlib.sha256((self.folder / "out" / path).read_bytes()).hexdigest()

    def assert_all_kept(self, before):
        """Nothing but the report was done, which had shown the failure."""
        self.assertEqual(self.beginnings(), before)
        self.assertLessEqual(set(self.statuses().values()), {"ok", "reused"}, self.statuses())
        self.assertEqual([step["name"] for step in self.state()["steps"] if step["kept"] or step["error"]], [])
        self.assertFalse((self.folder / "out/.kept").exists())


class Undone(Kept):
    def setUp(self):
        super().setUp()
        self.pictures()
        self.pictures("one-class", ["red"])
        self.write(f"name: undone\nmodel: net.onnx\ndata: {{path: pictures, split: {{seed: 1}}}}\nconvert: none\nverify: false\nevaluate: false\nreport: false\n"
                   f"measure: {{engines: fake, {QUICK}, dataset: {{test_size: 20}}}}\n")
        self.run_it()
        self.before, self.split = self.beginnings(), self.sha("split.jsonl")

    def test_data_that_fail_take_nothing_with_them(self):
        self.edit("path: pictures", "path: one-class")
        for _ in range(2):  # the second attempt does not make the first one's leavings an earlier success
            result = self.run_it(code=3)
            self.assertEqual(self.statuses(), {"split": "failed", "data-info": "skipped", "latency": "reused", "dataset": "skipped"})
            self.assertIn("out/split.jsonl was not made anew, because 'Divide the data' failed: only one class", " ".join(result.stderr.split()))
            self.assertEqual(self.sha("split.jsonl"), self.split)
        self.edit("path: one-class", "path: pictures")
        self.assertIn("everything is done already", self.run_it().stderr)
        self.assert_all_kept(self.before)
        self.run_it()
        self.assert_all_kept(self.before)

    def test_what_a_step_said_when_it_was_done_comes_back_with_it(self):
        said = (self.folder / "out/log/split.log").read_text()
        self.edit("path: pictures", "path: one-class")
        for _ in range(2):
            self.run_it(code=3)
            self.assertIn("only one class", (self.folder / "out/log/split.log").read_text())
        self.edit("path: one-class", "path: pictures")
        self.run_it()
        self.assertEqual((self.folder / "out/log/split.log").read_text(), said)

    def test_steps_that_an_edit_takes_out_are_not_forgotten(self):
        whole = (self.folder / "c.yaml").read_text()
        sha = self.sha("json/dataset.json")
        self.edit(", dataset: {test_size: 20}", "")
        self.run_it()
        self.assertEqual(set(self.statuses()), {"split", "data-info", "latency"})
        self.edit("data: {path: pictures, split: {seed: 1}}\n", "")
        self.run_it()
        self.assertEqual(self.statuses(), {"latency": "reused"})
        self.assertEqual({step["name"] for step in self.state()["not_planned"]}, {"split", "data-info", "dataset"})
        self.write(whole)
        self.assertIn("everything is done already", self.run_it().stderr)
        self.assertEqual(self.state()["not_planned"], [])
        self.assert_all_kept(self.before)
        self.assertEqual(self.sha("json/dataset.json"), sha)

    def test_a_step_that_was_taken_out_and_whose_files_changed_is_done_again(self):
        whole = (self.folder / "c.yaml").read_text()
        self.write(whole.replace("data: {path: pictures, split: {seed: 1}}\n", "").replace(", dataset: {test_size: 20}", ""))
        self.run_it()
        (self.folder / "out/split.jsonl").write_text("spoiled\n")
        self.write(whole)
        self.run_it()
        self.assertEqual((self.statuses()["split"], self.statuses()["latency"]), ("ok", "reused"))
        self.assertEqual(self.sha("split.jsonl"), self.split)

    def test_an_edit_that_works_after_one_that_failed_replaces_it(self):
        self.edit("path: pictures", "path: one-class")
        self.run_it(code=3)
        self.edit("path: one-class, split: {seed: 1}", "path: pictures, split: {seed: 2}")
        self.run_it()
        self.assertEqual(set(self.statuses().values()), {"ok", "reused"}, self.statuses())
        self.assertEqual(self.statuses()["split"], "ok")
        self.assertNotEqual(self.sha("split.jsonl"), self.split)
        self.assertFalse((self.folder / "out/.kept").exists())
        # What was measured before the failure is what it is compared with.
        self.assertEqual([(row["step"], row["old"]) for row in self.state()["previous"]["steps"]], [("dataset", self.campaign_of("dataset", 0))])

    def campaign_of(self, step, index):
        return self.steps()[step]["earlier"][index]

    def test_a_step_done_again_by_force_that_fails_is_kept_too(self):
        (self.folder / "pictures/red").rename(self.folder / "red")
        self.run_it("c.yaml", "--from", "data", code=3)
        self.assertEqual(self.statuses()["split"], "failed")
        (self.folder / "red").rename(self.folder / "pictures/red")
        self.run_it("c.yaml", "--only", "data")
        self.assertEqual([self.statuses()[name] for name in ("split", "data-info")], ["reused", "reused"])
        self.assertEqual(self.sha("split.jsonl"), self.split)


@unittest.skipUnless((BIN / "bakeoff-train").exists() and (BIN / "bakeoff-hop-torch").exists(), "this build has no training")
class Trained(Kept):
    def setUp(self):
        super().setUp()
        self.env["OMP_WAIT_POLICY"] = "passive"
        self.pictures()
        self.pictures("one-class", ["red"])
        self.write(f"name: trained\ndata: {{path: pictures}}\ntrain:\n  width: 0.1\n  image_size: 16\n  batch: 8\n  epochs: 2\n  threads: 1\n  seed: 3\n"
                   f"convert: onnx\nverify: false\nevaluate: false\nmeasure: {{engines: fake, {QUICK}}}\n")
        self.run_it()
        self.before, self.weights = self.beginnings(), self.sha("model/weights.safetensors")

    def attempt_is_killed(self, mark):
        process = self.start("run", "c.yaml", "--out", "out", env={**self.env, "MARK": mark}, start_new_session=True)
        self.assertTrue(wait_until(lambda: any(self.folder.glob("out/model/*")) and self.statuses()["train"] == "running" or process.poll() is not None, 60))
        self.assertIsNone(process.poll(), "it was over before it could be killed")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.assertTrue(wait_until(lambda: not marked(mark), 10), "something outlived the host")

    def test_nothing_trains_again_after_data_that_failed(self):
        self.edit("path: pictures", "path: one-class")
        self.run_it(code=3)
        self.assertEqual({self.statuses()[name] for name in ("train", "convert-onnx", "latency")}, {"skipped"}, "something used what an earlier file asked for")
        self.edit("path: one-class", "path: pictures")
        self.run_it()
        self.assert_all_kept(self.before)
        self.assertEqual(self.statuses()["report"], "ok", "the report still tells of the failure")
        self.assertEqual(self.sha("model/weights.safetensors"), self.weights)

    def test_a_result_that_was_spoiled_is_in_the_way_of_later_stages_alone(self):
        said = self.result("train")
        (self.folder / "out/json/train.json").write_text("{")
        self.fails("run", "c.yaml", "--out", "out", "--only", "measure", says="the step train before it has to be done again, because out/json/train.json is no JSON any more")
        self.run_it()
        self.assertEqual(self.result("train"), said)
        self.assertEqual((self.sha("model/weights.safetensors"), self.statuses()["latency"]), (self.weights, "reused"))
        # One that lies aside while an edit fails.
        (self.folder / "other.safetensors").write_bytes(b"no weights at all")
        self.edit("  seed: 3\n", "  seed: 3\n  init: other.safetensors\n")
        self.run_it(code=3)
        (self.folder / "out/.kept/train/json/train.json").write_text("")
        self.edit("  init: other.safetensors\n", "")
        self.assertIn("train.json is no JSON any more; the step is done again", " ".join(self.run_it().stderr.split()))
        self.assertEqual((self.result("train"), self.sha("model/weights.safetensors")), (said, self.weights))
        self.assertFalse((self.folder / "out/.kept").exists())

    def test_training_that_fails_leaves_the_model(self):
        (self.folder / "other.safetensors").write_bytes(b"no weights at all")
        self.edit("  seed: 3\n", "  seed: 3\n  init: other.safetensors\n")
        result = self.run_it(code=3)
        self.assertEqual((self.statuses()["train"], self.statuses()["convert-onnx"]), ("failed", "skipped"), result.stderr)
        self.assertEqual(self.sha("model/weights.safetensors"), self.weights)
        # Whoever reads the answer learns that it is the model's before the edit, and how that was made.
        data = self.folder / "report.json"
        shown = self.bakeoff("report", "out", "--json", str(data), "--out", "page.html").stdout
        report = json.loads(data.read_text())
        [answer] = report["answers"]
        self.assertRegex(answer["stale"]["sentence"], r"^The step 'Train .*' failed in the last attempt \(.* UTC\): this answer and what follows are of what was made before, measured ")
        for text in (result.stdout, shown):
            text = " ".join(text.split())
            self.assertIn(answer["stale"]["sentence"], text)
            self.assertLess(text.index(answer["stale"]["sentence"]), text.index(answer["headline"]))
        self.assertRegex(answer["speed_up"]["sentence"], "^No speed-up is told: .*name a baseline", "what it was trained in is not measured here")
        self.assertIn('class="stale"', (self.folder / "out/report.html").read_text())
        [commands] = [section["commands"] for section in report["sections"] if section["id"] == "reproduce"]
        [train] = [each["command"] for each in commands if " train " in each["command"]]
        self.assertNotIn("--init", train)
        [timeline] = [section for section in report["sections"] if section["id"] == "timeline"]
        self.assertRegex(timeline["sentences"][0]["text"], "^Its steps took .* in all, those of earlier calls included")
        self.edit("  init: other.safetensors\n", "")
        self.run_it()
        self.assert_all_kept(self.before)

    def test_training_that_was_killed_and_is_not_wanted_any_more(self):
        self.edit("epochs: 2", "epochs: 500")
        self.attempt_is_killed("unwanted")
        self.edit("epochs: 500", "epochs: 2")
        self.run_it()
        self.assert_all_kept(self.before)
        self.assertEqual(self.sha("model/weights.safetensors"), self.weights)

    def test_training_that_was_killed_goes_on_and_the_model_before_it_is_put_away(self):
        self.edit("seed: 3", "seed: 4")
        self.attempt_is_killed("goes-on")
        self.run_it()
        self.assertEqual((self.statuses()["train"], self.statuses()["latency"]), ("ok", "ok"))
        self.assertNotEqual(self.sha("model/weights.safetensors"), self.weights)
        [earlier] = (self.folder / "out/earlier").iterdir()
        self.assertEqual(self.sha(earlier / "weights.safetensors"), self.weights)
        self.assertFalse((self.folder / "out/.kept").exists())
        # Back to what was trained before: it is taken up, not trained again.
        self.edit("seed: 4", "seed: 3")
        self.run_it()
        self.assertIn("all of it was trained before, 2 epochs", (self.folder / "out/log/train.log").read_text())
        self.assertEqual(self.sha("model/weights.safetensors"), self.weights)
        self.assertEqual(len(list((self.folder / "out/earlier").iterdir())), 1)


if __name__ == "__main__":
    unittest.main()
