#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff run` before the first step: what is wrong is told with file, line and key, and a dry run does nothing."""
import gzip
import json
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import unittest
import zipfile

from campaigns import NEEDS_ENGINE, QUICK, Campaign
from support import BIN, SOURCE


class Checking(Campaign):
    def refused(self, text, says, code=2):
        self.write(text)
        result = self.fails("run", "c.yaml", "--out", "out", code=code, says=says)
        self.assertFalse((self.folder / "out").exists(), "something was done")
        return result

    @NEEDS_ENGINE
    def test_what_is_wrong_is_told_with_its_line_before_anything_runs(self):
        head = "model: net.onnx\n"
        for text, says in (
            (head + "measure:\n  engins: fake\n", "c.yaml, line 3: unknown key 'engins' in measure (did you mean 'engines'?)"),
            (head + "mesure: true\n", "line 2: unknown key 'mesure' (did you mean 'measure'?)"),
            (head + "measure: {threads: many}\n", "line 2: measure.threads: an integer, a list of them or a range such as 1..4 is wanted, not 'many'"),
            (head + "measure: {duration: soon}\n", "measure.duration: a time such as 0.5s, 200ms or 5m is wanted, not 'soon'"),
            (head + "measure:\n  store: x.db\n", "line 3: measure.store: that option of `bakeoff bench` is the campaign's own"),
            (head + "measure: {engines: fak}\n", "line 2: unknown engine 'fak' (did you mean 'fake'?)"),
            (head + "measure:\n  engines: fake\n  options: {fake.median: 1}\n", "line 4: "),
            (head + "measure:\n  engines: fake\n  options: {fake.delay: slow}\n", "line 4: "),
            (head + "measure: {options: {median_us: 1}}\n", "'median_us' is no ENGINE.OPTION"),
            (head + "convert: [onyx]\n", "line 2: convert: unknown format 'onyx' (did you mean 'onnx'?)"),
            (head + "evaluate: {split: test}\n", "line 2: evaluate: needs labelled pictures"),
            (head + "train: {seed: 1}\n", "line 2: train and model contradict each other"),
            (head + "measure: {ablate: true}\n", "measure.ablate: say the `options`"),
            (head + "measure: {server: true}\n", "measure.server: say how many queries come per second"),
            (head + "model: other.onnx\n", "line 2: 'model' is given twice"),
            (head + "baseline: {engine: fake, options: {median_us: [1, 2]}}\n", "one value is wanted"),
            (head + "measure:\n  engines: fake\n  options: {'null.seed': 1}\n", "line 4: "),
            (head + "baseline: {engine: fake}\nmeasure: {engines: ['null']}\n", "line 2: baseline: 'fake' is not among the engines that are measured"),
            ("name: x\n", "says neither `train:` nor `model:`"),
            ("train: {seed: 1}\n", "train: needs data"),
            ("model: net.onnx\nname: a b\n", "line 2: name: 'a b' is no word of letters, digits, _, - and . for a folder; say for example `name: a_b`"),
            ("model: net.onnx\nname: ./..\n", "say for example `name: campaign`"),
            ("model: net.onnx\nmeasure:\n\tengines: fake\n", "line 3: the line is indented with a tab, which YAML does not allow; use spaces"),
            ("model: net.onnx\nmeasure:\n  threads: 1\n\tengines: fake\n", "line 4: the line is indented with a tab"),
            ("data: {make: fruits, path: .}\ntrain:\n", "data: make and path contradict each other"),
            ("data: {make: fruit}\ntrain:\n", "line 1: data.make: 'fruit' is not known (did you mean 'fruits'?)"),
            ("data: {seed: 1}\ntrain:\n", "data: says neither make, path nor import"),
            ("data: {make: fruits}\ntrain:\n  epochs: few\n", "line 3: train.epochs: an integer is wanted, not 'few'"),
            ("data: {make: fruits}\ntrain: fast\n", "line 2: train: a section is wanted"),
            ("model: [net.onnx\n", "c.yaml, line "),
            ('title: "x\nmodel: net.onnx\n', "line 1: the quote that begins here is not closed on its line; close it, or leave the quotes out"),
            ("model: net.onnx\ntitle: it's fine\nname: 'x\nmeasure: true\n", "line 3: the quote that begins here is not closed"),
            ('name: x\nmodel: "net.onnx\nmeasure:\n  engines: "fake"\n', "line 2: the quote that begins here is not closed"),
            (head + "measure: {threads: []}\n", "line 2: measure.threads: an integer, a list of them or a range such as 1..4 is wanted, not an empty list"),
            (head + f"name: {'a' * 300}\n", "line 2: name: 300 letters are too many for a folder; give at most 100"),
            ("- model\n", "a campaign is a map of keys"),
            ("", "line 1: the file says nothing; a campaign begins with `model: FILE`"),
            ("# nothing yet\n", "line 1: the file says nothing"),
        ):
            with self.subTest(text=text):
                self.refused(text, says)
        self.refused("model: absent.onnx\n", "line 1: model: absent.onnx is not there")
        self.refused("data: {path: absent}\ntrain:\n", "line 1: data.path: absent is not there")
        self.fails("run", "absent.yaml", says="absent.yaml")
        (self.folder / "broken.onnx").write_bytes(b"")
        self.refused("name: x\nmodel: broken.onnx\n", "c.yaml, line 2: model: broken.onnx", code=3)
        (self.folder / "passwd").write_text("root:x:0:0\n")
        self.refused("model: passwd\n", "c.yaml, line 1: model: passwd", code=3)
        self.refused("model: net.onnx\ndata:\n  path: passwd\nmeasure: false\n", "c.yaml, line 3: data.path: passwd", code=(2, 3))
        (self.folder / "empty").mkdir()
        self.refused("model: net.onnx\ndata:\n  import: absent\nmeasure: false\n", "c.yaml, line 3: data.import: absent is not there")
        self.refused("model: net.onnx\ndata:\n  import: passwd\nmeasure: false\n", "c.yaml, line 3: data.import: passwd: neither a folder nor a .tar, .tar.gz or .zip (nor a .jsonl or .csv list)")
        for name, contents, says in (("cut.tar.gz", gzip.compress(b"x" * 2000)[:12], "broken gzip: cut short"), ("text.tar.gz", gzip.compress(b"a,b\n" * 500), "broken tar: "), ("cut.zip", b"PK\3\4 and no more", "cut.zip: "),
                                     ("none.csv", b"path,class\n", "none.csv: "), ("odd.jsonl", b"{\n", "odd.jsonl")):
            (self.folder / name).write_bytes(contents)
            result = self.refused(f"model: net.onnx\ndata:\n  import: {name}\nmeasure: false\n", f"c.yaml, line 3: data.import: {name}", code=(2, 3))
            self.assertIn(says, result.stderr)
        self.refused("model: net.onnx\ndata:\n  path: empty\nmeasure: false\n", "c.yaml, line 3: data.path: empty", code=(2, 3))
        self.refused("model: net.onnx\ndata:\n  import: empty\nmeasure: false\n", "c.yaml, line 3: data.import: empty", code=(2, 3))

    @unittest.skipUnless((BIN / "bakeoff-train").exists(), "this build has no training")
    def test_a_device_that_is_not_there(self):
        devices = subprocess.run([BIN / "bakeoff-train", "--devices"], capture_output=True, text=True, check=True).stdout.split()
        self.assertIn("cpu", devices)
        if "cuda" in devices:
            self.skipTest("there is a GPU to train on")
        self.refused("data: {make: fruits}\ntrain:\n  device: cuda\n", "c.yaml, line 3: train.device cuda: there is no GPU here", code=3)

    def test_quotes_that_are_right_are_left_alone(self):
        for text in ("title: it's 'fine' and \"so\n", "title: rock - 'n roll\n", "title: |\n  \"as it stands\n  'so\n", 'title: "over\n  two lines"\n', "title: 'it''s' # 'no\n", 'title: "a \\" b"\n', "title: a, \"b\n"):
            with self.subTest(text=text):
                self.write(text + f"model: net.onnx\nconvert: none\nverify: false\nmeasure: {{engines: 'fake', {QUICK}}}\n")
                self.run_it("c.yaml", "--dry-run")

    def test_formats_that_nothing_leads_to(self):
        hops = json.loads((BIN / "bakeoff-hops.json").read_text())["hops"]
        if not all(hop["built"] for hop in hops):
            self.skipTest("a hop is absent: nobody knows what it would make")
        self.refused("model: net.onnx\nconvert:\n- tflite\n- torchscript\nmeasure: false\n", "c.yaml, line 2: convert: no conversion leads from onnx to torchscript; onnx can become ")

    @NEEDS_ENGINE
    def test_values_are_checked_by_the_commands_that_take_them(self):
        """Before the first step, in a dry run as well, with the file's own line and key."""
        head, fake = "model: net.onnx\n", "model: net.onnx\nmeasure:\n  engines: fake\n"
        for name in ("net.xml", "net.bin", "net.tflite"):
            shutil.copy(SOURCE / "tests/fixtures" / name, self.folder)
        drawn = "data: {make: fruits}\ntrain:\n"
        for text, says in (
            (fake + "  count: -5\n", "c.yaml, line 4: measure.count '-5': must be between 1 and"),
            (fake + "  repeat: 0\n", "line 4: measure.repeat '0': must be between 1 and 10000"),
            (fake + "  threads: [1, 1000000]\n", "line 4: measure.threads '1,1000000': '1000000' is outside 1..4096"),
            (fake + "  seed: -1\n", "line 4: measure.seed '-1': must be at least 0"),
            (fake + "  tolerance: foo\n", "line 4: measure.tolerance: unknown tolerance 'foo'; give auto, f32"),
            (fake + "  precision: i4\n", "line 4: measure.precision 'i4': unknown; there are: f32, bf16, f16"),
            (fake + "  pin: 999999\n", "line 4: measure.pin 999999: this process may not use that CPU"),
            (fake + "  reference: litert\n", "line 4: measure.reference litert: not among the engines of this run (fake)"),
            (fake + "  device: gpu\n", "line 4: measure.device gpu: none of the engines of this run has it; they have cpu"),
            (fake + "  duration: 5000h\n", "line 4: measure.duration '5000h': a duration must be above zero and below four months"),
            (fake + "  duration: 5ns\n", "line 4: measure.duration: a time such as"),
            (fake + "  duration: 2700h\n  repeat: 10000\n", "this would take about"),
            (fake + "  offline: {streams: 9, threads: 2}\n", "line 4: measure.offline.streams 9 with 2 threads: each of them needs a thread (offline)"),
            (fake + "  server:\n    qps: 0\n", "line 5: measure.server.qps '0': must be between"),
            (fake + "  dataset: {test_size: 0}\n", "line 4: measure.dataset.test_size '0': '0' is outside 1.."),
            (fake + "  repeat: 2\n  dataset:\n    repeat: 0\n", "line 6: measure.dataset.repeat '0'"),
            ("model: {path: net.onnx, shape: foo}\n" + fake[16:], "line 1: model.shape=foo: not a shape; say for example 1x3x224x224"),
            ("model:\n  path: net.onnx\n  shape: nothing=1x784\n" + fake[16:], "line 3: net.onnx: model.shape nothing=1x784: the model has no such input"),
            ("model: {path: net.onnx, layout: nothing=NHWC}\n" + fake[16:], "line 1: model.layout nothing=NHWC: no input or output is called 'nothing'"),
            ("model: {path: net.onnx, output: scores}\ndata: {make: fruits}\nevaluate: {engines: fake}\n", "line 1: model.output 'scores': the model has no such output; it has: "),
            ("model: {path: net.xml, output: scores}\nconvert: none\ndata: {make: fruits}\nevaluate: {engines: fake}\n", "line 1: model.output 'scores': the model has no such output; its inputs and outputs are "),
            ("model:\n  path: net.tflite\n  output: scores\nconvert: none\ndata: {make: fruits}\nevaluate: {engines: fake}\n", "line 3: model.output 'scores': the model has no such output; its inputs and outputs are "),
            (head + "verify: {engines: fake, seeds: 0}\nmeasure: false\n", "line 2: verify.seeds '0': must be between 1 and 1000"),
            (drawn + "  epochs: -1\n", "line 3: train.epochs -1: outside 0..100000"),
            (drawn + "  epochs: 0\n", "line 3: train.epochs 0 exports weights: give train.init FILE"),
            (drawn + "  arch: resnet99\n", "line 3: train.arch resnet99: no network of that name"),
            (drawn + "  optimizer: lion\n", "line 3: train.optimizer 'lion': not one of sgd, adam, adamw"),
            (drawn + "  max_broken: few\n", "few"),
            (drawn + "evaluate: {split: exam}\n", "line 3: evaluate.split 'exam': give train, val, test or all"),
            (drawn + "evaluate:\n  precision: [f32, i4]\n", "line 4: evaluate.precision i4: none of the engines that are asked has it"),
            ("data: {make: fruits, part: 7}\ntrain:\n", "line 1: data.part '7': must be between"),
            ("data: {make: fruits, split: {train: 0.9, val: 0.9}}\ntrain:\n", "line 1: data.split.train, data.split.val and data.split.test add up to"),
        ):
            with self.subTest(text=text):
                self.write(text)
                self.fails("run", "c.yaml", "--out", "out", "--dry-run", says=says)
                self.refused(text, says)

    def test_many_aliases_are_no_bomb(self):
        lines = ["name: x", "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
        lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 10)]
        self.refused("\n".join(lines) + "\n", "more than 100000 values")

    def test_stages_and_folders_that_are_none(self):
        self.fake()
        self.fails("run", "c.yaml", "--from", "mesure", says="measure")
        self.fails("run", "c.yaml", "--only", "train", says="this campaign has no such stage")
        (self.folder / "mine").mkdir()
        (self.folder / "mine/file").write_text("x")
        self.fails("run", "c.yaml", "--out", "mine", says="is no campaign's folder")
        (self.folder / "mine/campaign.json").write_text("{")
        self.fails("run", "c.yaml", "--out", "mine", code=3, says="is no state of a campaign")

    def test_a_damaged_state_is_no_reason_to_lose_what_was_measured(self):
        self.fake()
        self.run_it()
        for text in ("", "{", "[]"):
            (self.folder / "out/campaign.json").write_text(text)
            said = self.fails("run", "c.yaml", "--out", "out", code=3, says="out/campaign.json: is no state of a campaign").stderr
            self.assertNotIn("remove", said)
            self.assertIn("what was measured is still in out/results.db", said)
        # What it names works.
        self.assertIn("bakeoff runs list --store out/results.db", said)
        [row] = json.loads(self.bakeoff("runs", "list", "--store", "out/results.db", "--json").stdout)["campaigns"]
        self.assertIn("bakeoff report NUMBER --store out/results.db", said)
        self.bakeoff("report", str(row["id"]), "--store", "out/results.db", "--out", "page.html")
        self.assertIn("give another folder with --out, which begins anew", said)
        self.run_it(out="anew")
        self.assertEqual(self.statuses("anew"), {"latency": "ok"})

    def test_dry_run_shows_commands_and_does_nothing(self):
        self.fake()
        text = self.run_it("c.yaml", "--dry-run").stdout
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 80)
        self.assertIn("bakeoff bench net.onnx --engines fake,null --threads 1 --batch 1", " ".join(text.replace("\\\n", " ").split()))
        self.assertIn("as a rough guess", text)
        self.assertFalse((self.folder / "out").exists())
        plan = json.loads(self.run_it("c.yaml", "--dry-run", "--json").stdout)
        self.assertEqual([(step["name"], step["current"]) for step in plan["steps"]], [("latency", False)])
        self.run_it()
        plan = json.loads(self.run_it("c.yaml", "--dry-run", "--json").stdout)
        self.assertEqual([(step["name"], step["current"]) for step in plan["steps"]], [("latency", True)])
        self.assertIn("everything is done", self.run_it("c.yaml", "--dry-run").stdout)

    def test_a_file_whose_name_is_none_for_a_folder_needs_one(self):
        self.write("model: net.onnx\n", "my campaign.yaml")
        self.fails("run", "my campaign.yaml", says="without `name:` the file's name counts, and 'my campaign' is no word of letters, digits, _, - and . for a folder; add `name: my_campaign`")

    def test_a_damaged_store_is_told_before_anything_runs(self):
        self.write((self.folder / self.fake()).read_text().replace("report: false\n", ""))
        self.run_it()
        (self.folder / "out/results.db").write_bytes(b"no database, but long enough to be looked at" * 100)
        for words in (("run", "c.yaml", "--out", "out"), ("run", "c.yaml", "--out", "out", "--dry-run"), ("report", "out")):
            result = self.fails(*words, code=3, says="out/results.db: the campaign's measurements cannot be read")
            self.assertIn("move the file away", result.stderr)
            self.assertNotIn("--store", result.stderr)
        (self.folder / "out/results.db").unlink()
        self.run_it()
        self.assertEqual(self.statuses(), {"latency": "ok", "report": "ok"})

    def test_a_disk_that_is_full_is_no_reason_to_move_measurements_away(self):
        """Neither is a store of a newer version, nor one that somebody else has: in a moment it may be read."""
        self.write((self.folder / self.fake()).read_text().replace("report: false\n", ""))
        self.run_it()
        store = self.folder / "out/results.db"

        def no_room():  # for the file beside the store that even a reader needs: the system says so where a full disk does
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        def refused(says, commands=(("run", "c.yaml", "--out", "out"), ("report", "out")), **options):
            for words in commands:
                said = " ".join(self.bakeoff(*words, code=3, **options).stderr.split())
                self.assertIn(says, said)
                self.assertNotIn("move", said)
                self.assertNotIn("--store", said)

        refused("out/results.db: the campaign's measurements cannot be read now (disk I/O error): the disk is full, or reports an error; free some space and run the same command again: what was measured is kept", preexec_fn=no_room)
        holder = sqlite3.connect(store, isolation_level=None)
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        refused("(database is locked): another process is writing to them; wait for it", commands=[("report", "out")])
        holder.close()
        version = sqlite3.connect(store)
        version.execute("PRAGMA user_version = 77")
        version.close()
        refused("its format is version 77, this program knows versions up to 1); use the newer version of the tool")
        version = sqlite3.connect(store)
        version.execute("PRAGMA user_version = 1")
        version.close()
        self.assertIn("everything is done already", self.run_it().stderr)

    def test_dry_run_and_run_guess_alike_and_leave_out_what_is_kept(self):
        self.write((self.folder / self.fake(more=", dataset: {test_size: 20}")).read_text().replace("report: false\n", ""))
        plan = json.loads(self.run_it("c.yaml", "--dry-run", "--json").stdout)
        self.assertAlmostEqual(sum(step["guessed_s"] for step in plan["steps"]), plan["guessed_s"])
        said = self.run_it().stderr
        whole = re.search(r"campaign tiny in out, (about \S+ \w+)", said)[1]
        self.assertIn(f"({whole} left)", said, "the first step has another guess")
        self.assertIn(f"{whole} in all", self.run_it("c.yaml", "--dry-run", out="other").stdout)
        (self.folder / "out/report.html").unlink()
        said = self.run_it().stderr
        whole = re.search(r"campaign tiny in out, (about \S+ \w+)", said)[1]
        self.assertIn(f"Write the report ({whole} left)", said)

    @NEEDS_ENGINE
    def test_every_example_is_right(self):
        """With files of the names that they speak of."""
        folder = self.folder / "examples"
        shutil.copytree(SOURCE / "examples", folder)
        shutil.copy(self.folder / "net.onnx", folder)
        self.bakeoff("data", "make", "fruits", "--part", "0.001", "--out", folder / "flowers")
        (folder / "data_batch_1.bin").write_bytes(bytes(3073))
        with tarfile.open(folder / "cifar-10-binary.tar.gz", "w:gz") as archive:
            archive.add(folder / "data_batch_1.bin", "cifar-10-batches-bin/data_batch_1.bin")
        with zipfile.ZipFile(folder / "resnet34.keras", "w") as archive:
            for name in ("config.json", "metadata.json", "model.weights.h5"):
                archive.writestr(name, "{}")
        examples = sorted(folder.glob("*.yaml"))
        self.assertGreaterEqual(len(examples), 6)
        for example in examples:
            with self.subTest(example=example.name):
                plan = json.loads(self.bakeoff("run", f"examples/{example.name}", "--dry-run", "--json").stdout)
                self.assertIn("measure", [step["stage"] for step in plan["steps"]])
                # The model is held against what it was trained in, whether the file says so or not.
                latency = next(step["command"] for step in plan["steps"] if step["name"] == "latency")
                engines = {path.name for path in BIN.glob("bakeoff-engine-*")}
                if "\ntrain:" in example.read_text() and "bakeoff-engine-torch" in engines and "bakeoff-engine-torch-eager" not in engines:
                    self.assertTrue([word for word in latency if word.startswith("torch.freeze=") and "false" in word], latency)
        self.assertFalse((self.folder / "campaigns").exists())

    def test_page_has_the_tables_of_the_tool(self):
        page = (SOURCE / "docs/campaigns.md").read_text()
        tables = page.partition("<!-- keys:begin -->\n")[2].partition("<!-- keys:end -->")[0]
        self.assertEqual(tables, self.bakeoff("docs", "campaigns").stdout, "put the output of `bakeoff docs campaigns` between the marks of docs/campaigns.md")


if __name__ == "__main__":
    unittest.main()
