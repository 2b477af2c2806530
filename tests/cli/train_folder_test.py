#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The folder of `bakeoff train`: which data it goes on with, what --fresh leaves of an old run, and that one run at a time is in it."""
import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import termios
import unittest

from support import PROGRAM, bmp, wait_until
from train_case import CLASSES, TINY, TrainCase, sha256, tensors


class FolderTest(TrainCase):
    def rows(self, folder):
        return [json.loads(line) for line in (self.folder / folder / "log.jsonl").read_text().splitlines()]

    def killed(self, out, *words, when):
        """Starts a training and kills it as soon as when() is true."""
        process = self.start("train", "--data", "colours", "--out", out, *TINY, *words)
        self.assertTrue(wait_until(lambda: process.poll() is not None or when(), 60))
        self.assertIsNone(process.poll(), "it was over before it could be killed")
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def test_killed_before_its_first_checkpoint_it_keeps_its_split(self):
        self.pictures(each=200)  # an epoch of a second or more
        manifest = self.folder / "m/manifest.jsonl"
        self.killed("m", "--epochs", "50", when=manifest.exists)
        self.assertFalse((self.folder / "m/last.safetensors").exists(), "the premise: no checkpoint yet")
        split = manifest.read_text()
        # A split of another seed would be another one; it goes on with the one that is there.
        words = [word if word != "3" else "4" for word in TINY]
        done = self.bakeoff("train", "--data", "colours", "--out", "m", *words, "--epochs", "1")
        self.assertIn("the parts are those of m/manifest.jsonl", done.stderr)
        self.assertEqual(manifest.read_text(), split)
        self.bakeoff("train", "--data", "colours", "--out", "other", *words, "--epochs", "1")
        self.assertNotEqual((self.folder / "other/manifest.jsonl").read_text(), split)

    def test_other_data_is_noticed(self):
        colours = self.pictures(each=12)
        self.train("m", "--epochs", "1")
        words = ("--out", "m", *TINY, "--epochs", "1")
        todo = "Give the data that m/manifest.jsonl names, another --out, or --fresh to begin anew with this one"

        def refused(data, *says):
            before = sha256(self.folder / "m/last.safetensors")
            for text in (*says, f"--data {data} is not what m was begun with", todo):
                self.refused("train", "--data", data, *words, says=text)
            self.assertEqual(sha256(self.folder / "m/last.safetensors"), before)

        # The same names, one picture of other content; the same pictures and one more, or one less; none in common.
        shutil.copytree(colours, self.folder / "changed")
        bmp(self.folder / "changed/red/3.bmp", (0, 0, 255), 77)
        refused("changed", "1 have changed (the first: red/3.bmp)")
        shutil.copytree(colours, self.folder / "more")
        bmp(self.folder / "more/red/new.bmp", (0, 0, 255), 78)
        refused("more", "1 of its pictures are new (the first: red/new.bmp)")
        shutil.copytree(colours, self.folder / "fewer")
        (self.folder / "fewer/red/3.bmp").unlink()
        refused("fewer", "1 are gone or broken by now")
        self.pictures("others", 12, ("one", "two", "three"))
        refused("others", "it is the split of other data")
        # Divided by itself in another way.
        shutil.copytree(colours, self.folder / "divided")
        self.bakeoff("data", "split", "divided", "--seed", "99")
        refused("divided", "are in another part")
        # Moved, it is the same data. And a new run may take what it likes.
        shutil.move(colours, self.folder / "moved")
        self.bakeoff("train", "--data", "moved", *words)
        self.bakeoff("train", "--data", "others", *words, "--fresh")
        self.assertEqual(json.loads((self.folder / "m/model.json").read_text())["classes"], ["one", "three", "two"])

    def test_data_with_parts_of_its_own(self):
        self.pictures(each=12)
        self.bakeoff("data", "split", "colours")
        self.train("m", "--epochs", "1")
        self.assertFalse((self.folder / "m/manifest.jsonl").exists())
        shutil.copytree(self.folder / "colours", self.folder / "changed")
        self.bakeoff("data", "split", "changed", "--seed", "7", "--again", "--force")
        self.refused("train", "--data", "changed", "--out", "m", *TINY, "--epochs", "1", says="it differs in the data (other pictures, classes or parts)")
        # Through the folder's own manifest, which --fresh then leaves there.
        (self.folder / "n").mkdir()
        self.bakeoff("data", "split", "colours", "--out", "n/manifest.jsonl", "--again")
        split = (self.folder / "n/manifest.jsonl").read_text()
        for extra in ((), ("--fresh",)):
            self.bakeoff("train", "--data", "n/manifest.jsonl", "--out", "n", *TINY, "--epochs", "1", *extra)
            self.assertEqual((self.folder / "n/manifest.jsonl").read_text(), split)

    def test_parts_without_validation(self):
        colours = self.pictures(each=18)
        for part, numbers in (("train", range(12)), ("test", range(12, 18))):
            for name in CLASSES:
                (self.folder / "parts" / part / name).mkdir(parents=True)
                for number in numbers:
                    shutil.copy(colours / name / f"{number}.bmp", self.folder / "parts" / part / name)
        words = ("train", "--data", "parts", "--out", "m", *TINY, "--epochs", "1", "--checkpoint-steps", "1")
        done = self.bakeoff(*words)
        self.assertIn("a ninth of the training part is kept for validation, written to m/manifest.jsonl", done.stderr)
        rows = [json.loads(line) for line in (self.folder / "m/manifest.jsonl").read_text().splitlines()[1:]]
        for row in rows:
            self.assertIn((row["path"].split("/")[0], row["split"]), {("train", "train"), ("train", "val"), ("test", "test")})
        self.assertEqual({name: sum(row["split"] == name for row in rows) for name in ("train", "val", "test")}, {"train": 33, "val": 3, "test": 18})
        self.assertEqual(self.rows("m")[0]["validation"]["examples"], 3)
        digest = sha256(self.folder / "m/weights.safetensors")
        self.bakeoff(*words)
        self.assertEqual(sha256(self.folder / "m/weights.safetensors"), digest)
        # A split that was asked for without validation stays as it is; so do weights that a list brings.
        self.bakeoff("data", "split", "colours", "--out", "none.jsonl", "--train", "0.8", "--val", "0", "--test", "0.2")
        self.bakeoff("train", "--data", "none.jsonl", "--out", "n", *TINY, "--epochs", "1")
        self.assertFalse((self.folder / "n/manifest.jsonl").exists())
        listed = [json.dumps({"path": f"colours/{name}/{i}.bmp", "class": name, "weight": 2 if name == "red" else 1}) for name in CLASSES for i in range(18)]
        (self.folder / "list.jsonl").write_text("\n".join(listed))
        self.bakeoff("train", "--data", "list.jsonl", "--out", "w", *TINY, "--epochs", "1")
        rows = [json.loads(line) for line in (self.folder / "w/manifest.jsonl").read_text().splitlines()[1:]]
        self.assertEqual({(row["class"], row.get("weight", 1)) for row in rows}, {("red", 2.0), ("green", 1), ("blue", 1)})
        # Half of a list in parts would leave the other half out unseen.
        (self.folder / "half.jsonl").write_text("\n".join(json.dumps(json.loads(line) | ({"split": "train"} if i % 2 else {"split": "val"} if i % 8 == 0 else {})) for i, line in enumerate(listed)))
        self.refused("train", "--data", "half.jsonl", "--out", "h", *TINY, "--epochs", "1", says="some pictures have a split and some have none")

    def test_fresh_leaves_nothing_of_the_old_run(self):
        self.pictures(each=12)
        self.train("m", "--epochs", "3")
        folder = self.folder / "m"
        # As `bakeoff convert m --all` leaves it: files with records. One without a record is somebody else's.
        for name in ("model.onnx", "model.xml"):
            (folder / name).write_text("converted")
            (folder / f"{name}.conversion.json").write_text("{}")
        (folder / "model.bin").write_text("converted")
        (folder / "model.savedmodel").mkdir()
        (folder / "model.savedmodel/conversion.json").write_text("{}")
        (folder / "formats.json").write_text("{}")
        (folder / "model.tflite").write_text("of somebody")
        (folder / "notes.txt").write_text("mine")
        # Killed in its first epoch, before anything was written again.
        split = (folder / "manifest.jsonl").read_text()
        words = [word if word != "3" else "4" for word in TINY]
        process = self.start("train", "--data", "colours", "--out", "m", *words, "--epochs", "500", "--fresh")
        self.assertTrue(wait_until(lambda: process.poll() is not None or (folder / "manifest.jsonl").exists() and (folder / "manifest.jsonl").read_text() != split, 60))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left = sorted(path.name for path in folder.iterdir())
        self.assertEqual([name for name in left if name not in ("log.jsonl", "last.safetensors", "best.safetensors", ".training.lock")
                          and not name.endswith(".tmp")], ["manifest.jsonl", "model.tflite", "notes.txt"])
        if (folder / "log.jsonl").exists():
            self.assertLess(len(self.rows("m")), 3, "lines of the old run")
        # Without --fresh the new run goes on, not the old one.
        done = self.bakeoff("train", "--data", "colours", "--out", "m", *words, "--epochs", "500", "--patience", "1", code=2) if (folder / "last.safetensors").exists() else None
        if done:
            self.assertIn("option patience", done.stderr)
        self.bakeoff("train", "--data", "colours", "--out", "m", *words, "--epochs", "1", "--fresh")
        self.assertEqual([row["epoch"] for row in self.rows("m")], [1])
        self.bakeoff("train", "--data", "colours", "--out", "clean", *words, "--epochs", "1")
        for name in ("weights.safetensors", "best.safetensors", "last.safetensors"):
            self.assertEqual(sha256(folder / name), sha256(self.folder / "clean" / name), name)
        # Refused before anything is removed.
        before = sorted(path.name for path in folder.iterdir())
        self.refused("train", "--data", "nowhere", "--out", "m", *words, "--epochs", "1", "--fresh", says="nowhere")
        self.refused("train", "--data", "colours", "--out", "m", "--arch", "vit_tiny", "--image-size", "24", "--epochs", "1", "--fresh", says="24")
        self.assertEqual(sorted(path.name for path in folder.iterdir()), before)

    def test_a_finished_model_without_a_checkpoint_is_not_replaced_unasked(self):
        self.pictures(each=12)
        self.train("m", "--epochs", "1")
        (self.folder / "m/last.safetensors").unlink()
        self.refused("train", "--data", "colours", "--out", "m", *TINY, "--epochs", "1", says="m: a finished model, without a checkpoint to go on from; give another --out, or --fresh")
        self.train("m", "--epochs", "1", "--fresh")

    def test_temporary_files_of_killed_runs_are_removed(self):
        self.pictures(each=12)
        folder = self.folder / "m"
        folder.mkdir()
        (folder / ".last.safetensors.123.0.tmp").write_bytes(bytes(1000))
        (folder / ".log.jsonl.99999.17.tmp").write_bytes(b"{")
        others = (".last.safetensors.tmp", ".mine.123.0.tmp", "last.safetensors.123.0.tmp")
        for name in others:
            (folder / name).write_text("not ours")
        self.train("m", "--epochs", "1")
        left = {path.name for path in folder.iterdir()}
        self.assertEqual({name for name in left if name.endswith(".tmp")}, set(others))
        self.assertNotIn(".training.lock", left)

    def test_two_at_once_in_one_folder(self):
        self.pictures(each=12)
        process = self.start("train", "--data", "colours", "--out", "m", *TINY, "--epochs", "3000")
        log = self.folder / "m/log.jsonl"
        self.assertTrue(wait_until(log.exists, 60))
        says = "m: another training is at work in this folder; wait for it, stop it, or give another --out"
        self.refused("train", "--data", "colours", "--out", "m", *TINY, "--epochs", "3000", says=says, code=3)
        self.refused("train", "--data", "colours", "--out", "m", *TINY, "--epochs", "1", "--fresh", says=says, code=3)
        self.assertIsNone(process.poll(), "the first goes on")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        # The lock of a killed run locks nothing.
        self.assertTrue((self.folder / "m/.training.lock").exists(), "the premise: it was left behind")
        self.train("m", "--epochs", "1", "--fresh")
        self.assertFalse((self.folder / "m/.training.lock").exists())

    def test_log_and_metrics_per_class(self):
        self.pictures(each=20)
        self.train("m", "--epochs", "2", "--workers", "1")
        model = json.loads((self.folder / "m/model.json").read_text())
        rows = self.rows("m")
        for metrics in (*(row["validation"] for row in rows), model["metrics"]["validation"], model["metrics"]["test"]):
            self.assertEqual([row["name"] for row in metrics["classes"]], sorted(CLASSES))
            self.assertEqual({"name", "examples", "precision", "recall", "f1"}, set(metrics["classes"][0]))
            self.assertEqual(metrics["examples"], 6)
            for name in ("recall", "f1"):
                self.assertAlmostEqual(metrics[f"macro_{name}"], sum(row[name] or 0 for row in metrics["classes"]) / 3)
        self.assertEqual(model["metrics"]["validation"]["top1"], model["metrics"]["validation_top1"])
        best = rows[model["metrics"]["best_epoch"] - 1]["validation"]
        self.assertEqual({name: value for name, value in model["metrics"]["validation"].items() if name != "confusion"}, best)
        # Every picture is decoded once, in the first epoch; the cache has them afterwards, of both parts.
        self.assertEqual([tuple(row["loader"][name] for name in ("pictures", "decoded", "cache_hits")) for row in rows], [(48, 48, 0), (48, 0, 48)])
        self.assertEqual([(row["validation_loader"]["decoded"], row["validation_loader"]["cache_hits"]) for row in rows], [(6, 0), (0, 6)])
        for row in rows:
            self.assertGreater(row["loader"]["worker_cpu_ns"], 0)
            self.assertGreaterEqual(row["loader"]["wait_ns"], 0)
            self.assertLess(row["loader"]["wait_ns"], row["train_ns"])
            self.assertGreater(row["train_cpu_ns"], 0)
            self.assertAlmostEqual(row["waiting_share"], row["loader"]["wait_ns"] / row["train_ns"], delta=0.2)
        # One limit, one cache for both parts.
        self.assertEqual(rows[1]["validation_loader"]["cache_bytes"], rows[1]["loader"]["cache_bytes"])
        self.train("none", "--epochs", "2", "--cache", "0")
        self.assertEqual([row["loader"]["decoded"] for row in self.rows("none")], [48, 48])

    def test_what_init_takes(self):
        self.pictures()
        self.train("m", "--epochs", "2", "--ema", "0.9")
        want = tensors(self.folder / "m/weights.safetensors")
        for number, (source, words) in enumerate((
            ("m", ()),
            ("m/best.safetensors", ()),
            ("m/weights.safetensors", ()),
            ("m/model.pt", ("--width", "0.1", "--image-size", "16")),
        )):
            with self.subTest(source=source):
                self.bakeoff("train", "--init", source, "--epochs", "0", "--out", f"e{number}", *words)
                got = tensors(self.folder / f"e{number}/weights.safetensors")
                # The count of batches does not matter to anything, and the averaged weights have it too.
                self.assertEqual(got, want)
                classes = json.loads((self.folder / f"e{number}/model.json").read_text())["classes"]
                self.assertEqual(classes, sorted(CLASSES) if source != "m/model.pt" else ["0", "1", "2"])
        # The last checkpoint: the average of its end.
        self.bakeoff("train", "--init", "m/last.safetensors", "--epochs", "0", "--out", "last")
        average = {name.removeprefix("average/"): value for name, value in tensors(self.folder / "m/last.safetensors").items() if name.startswith("average/")}
        self.assertEqual(tensors(self.folder / "last/weights.safetensors"), average)
        # A run that was not finished: its best checkpoint. And a training may begin there.
        (self.folder / "m/model.json").unlink()
        done = self.bakeoff("train", "--data", "colours", "--init", "m", "--epochs", "1", "--out", "t", *TINY[6:])
        self.assertNotIn("the head is replaced", done.stderr)
        (self.folder / "empty").mkdir()
        self.fails("train", "--init", "empty", "--epochs", "0", "--out", "x", says="empty: a folder without model.json and without checkpoints")

    def test_erasing_is_repeatable_and_changes_the_weights(self):
        self.pictures(each=12)
        for name, words in (("a", ("--erase", "0.5")), ("b", ("--erase", "0.5", "--workers", "3")), ("c", ())):
            self.train(name, "--epochs", "1", *words)
        digests = [sha256(self.folder / name / "weights.safetensors") for name in "abc"]
        self.assertEqual(digests[0], digests[1])
        self.assertNotEqual(digests[0], digests[2])
        self.assertEqual(json.loads((self.folder / "a/model.json").read_text())["training"]["options"]["erase"], 0.5)
        self.fails("train", "--data", "colours", "--out", "d", "--erase", "1.5", says="--erase")

    def test_patience(self):
        self.pictures(each=12)
        # A rate at which nothing changes, and norms that keep their statistics: no epoch is better than the first.
        self.train("m", "--epochs", "1")
        self.bakeoff("train", "--data", "colours", "--init", "m", "--mode", "feature-extractor", "--optimizer", "sgd", "--lr", "1e-12", "--schedule", "constant",
                     "--epochs", "20", "--patience", "2", "--out", "p", *TINY[6:], "--json", "p.json")
        summary = json.loads((self.folder / "p.json").read_text())
        self.assertEqual((summary["best_epoch"], summary["epochs"], summary["stopped_early"]), (1, 3, True))

    def test_weights_that_are_not_finite_are_not_exported(self):
        self.pictures(each=12)
        self.train("m", "--epochs", "1")
        path = self.folder / "m/weights.safetensors"
        data = bytearray(path.read_bytes())
        (size,) = struct.unpack("<Q", data[:8])
        start = 8 + size + json.loads(data[8 : 8 + size])["classifier.1.bias"]["data_offsets"][0]
        data[start : start + 4] = struct.pack("<f", float("nan"))
        path.write_bytes(data)
        self.fails("train", "--init", path, "--epochs", "0", "--out", "x", code=3, says="'classifier.1.bias' has a NaN or an infinity: nothing is exported to x")
        self.assertEqual(list((self.folder / "x").iterdir()), [])

    def test_progress_fits_the_terminal(self):
        self.pictures(each=200)
        for columns in (80, 40):
            with self.subTest(columns=columns):
                main, side = pty.openpty()
                fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
                process = subprocess.Popen([PROGRAM, "train", "--data", "colours", "--out", f"m{columns}", *TINY, "--epochs", "2"], cwd=self.folder,
                                           env=self.env | {"TERM": "xterm"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=side)
                os.close(side)
                shown = b""
                while True:
                    try:
                        piece = os.read(main, 65536)
                    except OSError:  # the other side is closed
                        break
                    if not piece:
                        break
                    shown += piece
                os.close(main)
                self.assertEqual(process.wait(60), 0)
                lines = shown.decode().replace("\r\n", "\n").split("\n")
                live = [part for line in lines for part in line.split("\r\x1b[K") if "ETA" in part]
                self.assertTrue(live, shown)
                self.assertRegex(lines[1].split("\r\x1b[K")[1], r"^\d+ of 600$")
                for part in live:
                    self.assertLess(len(part), columns, part)
                    self.assertRegex(part, r"^\d/2 .*loss \d.*ETA \d+:\d\d$")
                if columns == 80:
                    self.assertRegex(live[-1], r"^\d/2 \[#*\.*\] loss \d+\.\d+ acc \d+\.\d % \d+ images/s wait \d+ % ETA \d+:\d\d$")
                # What stays is whole: each live line is erased before the next line that stays.
                for line in lines:
                    self.assertNotIn("ETA", line.split("\r\x1b[K")[-1])
                epochs = [line.split("\r\x1b[K")[-1] for line in lines if "val " in line]
                self.assertEqual(len(epochs), 2)
                self.assertLess(max(map(len, epochs)), 80)


if __name__ == "__main__":
    unittest.main()
