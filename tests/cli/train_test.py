#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff train` on a few tiny pictures: what it writes, what it refuses, and that killing it changes nothing."""
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time
import unittest

from support import SLOWNESS, wait_until
from train_case import CLASSES, TINY, TrainCase, sha256, tensors


class TrainTest(TrainCase):
    def test_writes_a_model_folder(self):
        self.pictures()
        result = self.train("m", "--epochs", "3", "--json")
        summary = json.loads(result.stdout)
        self.assertEqual(summary["epochs"], 3)
        self.assertIn("test: top-1", result.stderr)
        model = json.loads((self.folder / "m/model.json").read_text())
        self.assertEqual(model["classes"], sorted(CLASSES))
        self.assertEqual(model["inputs"][0]["shape"], [-1, 3, 16, 16])
        for name, digest in model["sha256"].items():
            self.assertEqual(sha256(self.folder / "m" / name), digest)
        self.assertEqual(model["metrics"]["test"]["top1"], summary["test"]["top1"])
        self.assertEqual({row["name"] for row in model["metrics"]["test"]["classes"]}, set(CLASSES))
        self.assertEqual(model["training"]["options"]["seed"], 3)
        self.assertEqual(len(model["data"]["sha256"]), 64)
        rows = [json.loads(line) for line in (self.folder / "m/log.jsonl").read_text().splitlines()]
        self.assertEqual([row["epoch"] for row in rows], [1, 2, 3])
        self.assertGreaterEqual(rows[0]["waiting_share"], 0)
        # The split of data that had none lies in the model folder.
        head = json.loads((self.folder / "m/manifest.jsonl").read_text().splitlines()[0])
        self.assertEqual(head["classes"], sorted(CLASSES))
        # Again, with other workers: the same weights, bit for bit. Another seed: others.
        self.train("again", "--epochs", "3", "--workers", "2")
        self.assertEqual(sha256(self.folder / "m/weights.safetensors"), sha256(self.folder / "again/weights.safetensors"))
        self.bakeoff("train", "--data", "colours", "--out", "other", *[word if word != "3" else "4" for word in TINY], "--epochs", "3")
        self.assertNotEqual(sha256(self.folder / "m/weights.safetensors"), sha256(self.folder / "other/weights.safetensors"))

    def test_every_option_trains(self):
        self.pictures(each=12)
        sets = (
            "--optimizer sgd --momentum 0.8 --lr 0.01 --schedule step --step-epochs 1 --step-factor 0.5 --warmup-epochs 0.5 --class-weights",
            "--optimizer adam --beta2 0.99 --schedule cosine --final-factor 0.1 --ema 0.9 --clip-norm 1 --accumulate 2",
            "--optimizer adamw --schedule constant --precision bf16 --label-smoothing 0.2 --patience 1 --no-channels-last",
        )
        for number, words in enumerate(sets):
            with self.subTest(words=words):
                self.train(f"m{number}", "--epochs", "2", *words.split())
                self.assertTrue((self.folder / f"m{number}/model.json").exists())

    def test_starts_from_weights(self):
        self.pictures()
        self.train("m", "--epochs", "1")
        weights = "m/weights.safetensors"
        # Exported without data: same weights, same classes.
        self.bakeoff("train", "--init", weights, "--epochs", "0", "--out", "copy")
        copy = json.loads((self.folder / "copy/model.json").read_text())
        self.assertEqual(copy["classes"], sorted(CLASSES))
        self.assertEqual(sha256(self.folder / "copy/weights.safetensors"), sha256(self.folder / weights))
        # Other classes: the head is replaced; feature extraction changes nothing but the head.
        self.pictures("four", 12, (*CLASSES, "red too"))
        done = self.bakeoff("train", "--data", "four", "--init", weights, "--mode", "feature-extractor", "--epochs", "1", "--out", "f", *TINY[4:])
        self.assertIn("the head is replaced, for 4 classes", done.stderr)
        old, new = tensors(self.folder / weights), tensors(self.folder / "f/weights.safetensors")
        self.assertEqual({name for name in old if old[name] != new[name]}, {"classifier.1.weight", "classifier.1.bias"})
        # Another network: everything that does not fit is told.
        refused = self.fails("train", "--arch", "mobilenet_v1", "--init", weights, "--width", "0.1", "--epochs", "0", "--out", "x", code=3, says="m/weights.safetensors")
        self.assertIn("missing: features.", refused.stderr)
        self.assertIn("unexpected: features.", refused.stderr)

    def test_refusals(self):
        colours = self.pictures(each=12)
        self.fails("train", "--arch", "resnet18", "--out", "m", says="--data")
        self.fails("train", "--data", "colours", says="--out")
        self.fails("train", "--data", "colours", "--out", "m", "--arch", "resnet19", says="did you mean 'resnet18'")
        self.fails("train", "--data", "colours", "--out", "m", "--epochs", "1", "--optimizer", "sdg", says="sgd, adam, adamw")
        self.fails("train", "--data", "colours", "--out", "m", "--epochs", "1", "--mode", "finetune", says="--init")
        self.fails("train", "--data", "colours", "--out", "m", "--epochs", "1", "--precision", "f16", says="bf16")
        self.fails("train", "--data", "nowhere", "--out", "m", says="nowhere")
        (self.folder / "bad.pth").write_bytes(b"no weights at all")
        self.fails("train", "--init", "bad.pth", "--epochs", "0", "--out", "m", code=3, says="bad.pth")
        self.pictures("single", 12, ("red",))
        self.refused("train", "--data", "single", "--out", "m", "--epochs", "1", says="class")
        # A class without pictures; without good ones.
        (colours / "violet").mkdir()
        self.refused("train", "--data", "colours", "--out", "m", "--epochs", "1", says="no good picture of class violet; add some or remove the folder")
        (colours / "violet/cut.bmp").write_bytes((colours / "red/1.bmp").read_bytes()[:300])
        self.refused("train", "--data", "colours", "--out", "m", "--epochs", "1", "--max-broken", "5", says="no good picture of class violet")
        shutil.rmtree(colours / "violet")
        # Broken pictures: more than one in a hundred are an error that names them, fewer are named and skipped.
        (colours / "red/cut.bmp").write_bytes((colours / "red/1.bmp").read_bytes()[:300])
        (colours / "red/none.bmp").write_bytes(b"")
        self.refused("train", "--data", "colours", "--out", "m", "--epochs", "1", says="2 of 38 pictures are broken, --max-broken allows 1%")
        done = self.train("skips", "--epochs", "1", "--max-broken", "2")
        for says in ("skipped red/cut.bmp: ", "skipped red/none.bmp: ", "2 broken pictures are left out"):
            self.assertIn(says, done.stderr)
        self.assertEqual(len((self.folder / "skips/manifest.jsonl").read_text().splitlines()), 37)
        # What was skipped then is skipped now.
        self.train("skips", "--epochs", "1", "--max-broken", "2")
        for name in ("cut", "none"):
            (colours / f"red/{name}.bmp").unlink()
        # A class whose pictures are all elsewhere.
        for part in ("train", "test"):
            for name in CLASSES:
                if (part, name) != ("train", "red"):
                    shutil.copytree(colours / name, self.folder / "parts" / part / name)
        said = self.bakeoff("train", "--data", "parts", "--out", "m", "--epochs", "1", *TINY).stderr
        self.assertIn("no training picture of the class 'red'", said)
        self.assertEqual(json.loads((self.folder / "m/model.json").read_text())["classes"], sorted(set(CLASSES) - {"red"}))
        # And one without any.
        (self.folder / "parts/train/grey").mkdir()
        self.refused("train", "--data", "parts", "--out", "m2", "--epochs", "1", says="no good picture of class grey")

    def test_a_lone_picture_has_no_variance(self):
        # 33 training pictures in batches of 4: the last one would be alone, with norms over a single value at 16 pixels.
        self.pictures(each=14)
        self.train("m", "--epochs", "2")
        model = json.loads((self.folder / "m/model.json").read_text())
        rows = [json.loads(line) for line in (self.folder / "m/manifest.jsonl").read_text().splitlines()[1:]]
        self.assertEqual(sum(row["split"] == "train" for row in rows), 33, "the premise")
        self.assertEqual(len(model["training"]["history"]), 2)
        log = [json.loads(line) for line in (self.folder / "m/log.jsonl").read_text().splitlines()]
        self.assertEqual([row["loader"]["pictures"] for row in log], [32, 32])
        words = [word if word != "4" else "1" for word in TINY]
        self.refused("train", "--data", "colours", "--out", "n", *words, "--epochs", "1", says="mobilenet_v2 cannot train on a batch of one picture of 16 pixels")

    @unittest.skipIf(SLOWNESS > 1, "a limit on address space is nothing for a sanitizer")
    def test_too_little_memory(self):
        self.pictures(each=12)
        process = self.start("train", "--data", "colours", "--out", "m", "--arch", "resnet50", "--image-size", "512", "--batch", "24", "--epochs", "1", "--threads", "1", "--seed", "1", "--workers", "0",
                             text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2500 << 20, 2500 << 20)))
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, err)
        self.assertEqual(err.splitlines()[-1], "bakeoff: not enough memory; a smaller --batch, --image-size or --cache takes less")

    def test_a_loss_that_is_no_number(self):
        self.pictures(each=12)
        refused = self.bakeoff("train", "--data", "colours", "--out", "m", *TINY, "--epochs", "9", "--optimizer", "sgd", "--lr", "1000", "--schedule", "constant", code=3)
        self.assertRegex(refused.stderr, r"the loss is (not a number|infinite) at epoch \d+, batch \d+ \(step \d+\)")
        self.assertFalse((self.folder / "m/model.json").exists())

    def test_another_run_is_not_continued(self):
        self.pictures(each=12)
        self.train("m", "--epochs", "1")
        self.refused("train", "--data", "colours", "--out", "m", *TINY, "--epochs", "2", says="option epochs (then 1, now 2)")
        self.train("m", "--epochs", "2", "--fresh")

    def test_full_disk_wherever_it_comes_and_goes_on_when_there_is_room(self):
        self.pictures(each=12)
        disk = self.small_disk(4096)

        def resize(kib):
            subprocess.run(["mount", "-o", f"remount,size={kib}k", disk], check=True, capture_output=True)

        def full(kib, name, *words):
            resize(kib)
            result = self.bakeoff("train", "--out", disk / "m", *words, code=3)
            says = f"bakeoff: {disk}/m/{name}: cannot write: No space left on device; free some space there or name another place"
            self.assertEqual(result.stderr.splitlines()[-1], says)
            self.assertFalse((disk / "m/model.json").exists(), "no half of a model folder looks like one")
            self.assertEqual([path.name for path in disk.rglob(".*")], [])
            resize(4096)

        words = ("--data", "colours", *TINY, "--epochs", "2")
        self.bakeoff("train", "--out", "whole", *words)
        kib = {path.name: path.stat().st_size >> 10 for path in (self.folder / "whole").iterdir()}
        # The split does not fit; no checkpoint does; one does, but no second beside it.
        for room, name in ((1, "manifest.jsonl"), (kib["last.safetensors"] // 2, "last.safetensors"), (kib["last.safetensors"] * 3 // 2, "last.safetensors")):
            with self.subTest(room=room):
                full(room, name, *words)
                self.bakeoff("train", "--out", disk / "m", *words)
                for file in ("weights.safetensors", "last.safetensors"):
                    self.assertEqual(sha256(disk / "m" / file), sha256(self.folder / "whole" / file), file)
                shutil.rmtree(disk / "m")
        # The exported model does not fit, or it does and its weights do not.
        words = ("--init", "whole/weights.safetensors", "--epochs", "0")
        for room, name in ((kib["model.pt"] // 2, "model.pt"), (kib["model.pt"] + kib["weights.safetensors"] // 2, "weights.safetensors")):
            with self.subTest(room=room):
                full(room, name, *words)
                self.bakeoff("train", "--out", disk / "m", *words)
                self.assertEqual(sha256(disk / "m/weights.safetensors"), sha256(self.folder / "whole/weights.safetensors"))
                shutil.rmtree(disk / "m")

    def test_result_on_a_full_disk(self):
        self.pictures(each=12)
        says = "cannot write: No space left on device; free some space there or name another place"
        result = self.train("m", "--epochs", "1", "--json", "/dev/full", code=3)
        self.assertIn(f"bakeoff: /dev/full: {says}", result.stderr)
        self.assertTrue((self.folder / "m/model.json").exists(), "the model is there all the same")
        with open("/dev/full", "w") as full:
            result = self.train("m", "--epochs", "1", "--json", code=3, stdout=full)
        self.assertIn("bakeoff: cannot write to stdout: No space left on device", result.stderr)

    def test_killed_after_an_epoch_it_tells_of_the_whole_run(self):
        self.pictures()
        words = ("--epochs", "6", "--json")
        want = {**json.loads(self.train("whole", *words).stdout), "folder": "killed"}
        self.assertEqual(want["epochs"], 6)
        process = self.start("train", "--data", "colours", "--out", "killed", *TINY, *words)
        log = self.folder / "killed/log.jsonl"
        # With a second line of the log the checkpoint after the first is there.
        self.assertTrue(wait_until(lambda: log.exists() and len(log.read_text().splitlines()) >= 2, 60))
        process.kill()
        process.communicate()
        result = self.train("killed", *words)
        self.assertRegex(result.stderr, r"(?m)^(going on after epoch [1-6] of 6|all of it was trained before, 6 epochs)$")
        self.assertEqual(json.loads(result.stdout), want)
        again = self.train("killed", *words)
        self.assertIn("all of it was trained before, 6 epochs\n", again.stderr)
        self.assertEqual(json.loads(again.stdout), want)

    def test_killed_anywhere_ends_with_the_same_weights(self):
        self.pictures()
        words = ("--epochs", "4", "--checkpoint-steps", "2", "--ema", "0.9", "--accumulate", "1")
        result = lambda out: {**json.loads(self.train(out, *words, "--json").stdout), "folder": None}
        told = result("whole")
        want = {name: sha256(self.folder / "whole" / name) for name in ("weights.safetensors", "last.safetensors")}
        moments = random.Random(int(os.environ.get("BAKEOFF_TEST_SEED", "5")))
        kills, in_write = 0, False
        deadline = time.monotonic() + 100
        while (kills < 10 or not in_write) and time.monotonic() < deadline:
            shutil.rmtree(self.folder / "killed", ignore_errors=True)
            # Up to three kills of one run, at random moments; every second time while a checkpoint is being written.
            for _ in range(3):
                process = self.start("train", "--data", "colours", "--out", "killed", *TINY, *words)
                folder = self.folder / "killed"
                while_writing = kills % 2 == 1
                end = time.monotonic() + moments.uniform(0.05, 0.6) if not while_writing else time.monotonic() + 30
                began = False
                while process.poll() is None and time.monotonic() < end:
                    if not began and (folder / "last.safetensors").exists() | (folder / "manifest.jsonl").exists():
                        began = True
                        if not while_writing:
                            end = time.monotonic() + moments.uniform(0.02, 0.5)
                    if while_writing and began and any(name.startswith(".last.safetensors") for name in os.listdir(folder)):
                        in_write = True
                        break
                    if not began:
                        end = max(end, time.monotonic() + 0.05)
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                process.communicate()
            self.assertEqual(result("killed"), told, f"after {kills} kills")
            for name, digest in want.items():
                self.assertEqual(sha256(self.folder / "killed" / name), digest, f"after {kills} kills")
        self.assertGreaterEqual(kills, 10)
        self.assertTrue(in_write, "no kill came while a checkpoint was being written")


if __name__ == "__main__":
    unittest.main()
