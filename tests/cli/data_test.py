#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff data make|import|info|split` on drawn pictures, archives of them, and files that are broken."""
import collections
import hashlib
import json
import os
import shutil
import signal
import sys
import tarfile
import unittest
import zipfile
import zlib

from support import CliTest, wait_until

PART = "0.02"  # 12 pictures of each of ten classes


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


class DataTest(CliTest):
    def make(self, out="fruits", seed=1):
        self.bakeoff("data", "make", "fruits", "--out", out, "--seed", seed, "--part", PART)
        return self.folder / out

    def info(self, *words):
        return json.loads(self.bakeoff("data", "info", *words, "--json").stdout)


class Make(DataTest):
    def test_same_seed_same_files(self):
        first, second, other = self.make("a", 5), self.make("b", 5), self.make("c", 6)
        self.assertEqual((first / "manifest.jsonl").read_bytes(), (second / "manifest.jsonl").read_bytes())
        self.assertNotEqual((first / "manifest.jsonl").read_bytes(), (other / "manifest.jsonl").read_bytes())
        header, *rows = lines(first / "manifest.jsonl")
        self.assertEqual(len(header["classes"]), 10)
        self.assertEqual(len(rows), 120)
        for row in rows:
            self.assertEqual(hashlib.sha256((first / row["path"]).read_bytes()).hexdigest(), row["sha256"])

    def test_an_interrupt_leaves_nothing_and_what_a_killed_one_left_goes_with_the_next(self):
        for number, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.start("data", "make", "fruits", "--out", "set", "--seed", "1")
            self.addCleanup(lambda process=process: (process.stdout.close(), process.stderr.close()))
            self.assertTrue(wait_until(lambda: list(self.folder.glob(f".set.partial-{process.pid}-*/*/*.jpg")), 30), "no picture was drawn")
            self.assertEqual(len(list(self.folder.glob(".set.partial-*"))), 1)
            process.send_signal(number)
            self.assertEqual(process.wait(20), code)
            self.assertEqual(len(list(self.folder.glob(".set.partial-*"))), 1 if number == signal.SIGKILL else 0, number)
        self.assertFalse((self.folder / "set").exists())

    def test_refusals(self):
        self.fails("data", "make", "fruits", says="--out DIR")
        self.fails("data", "make", "friuts", "--out", "x", says="did you mean 'fruits'?")
        self.make("full")
        self.fails("data", "make", "fruits", "--out", "full", "--part", PART, says="full: is not empty")
        self.fails("data", "make", "fruits", "--out", "/proc/x", "--part", PART, code=3, says="/proc")


class Sources(DataTest):
    def test_folder_tar_and_zip_are_the_same_data(self):
        fruits = self.make()
        (fruits / "manifest.jsonl").unlink()
        with tarfile.open(self.folder / "f.tar.gz", "w:gz") as tar:
            tar.add(fruits, "some/fruits")
        with tarfile.open(self.folder / "f.tar", "w", format=tarfile.GNU_FORMAT) as tar:
            tar.add(fruits, ".")
        with zipfile.ZipFile(self.folder / "f.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(fruits.rglob("*.jpg")):
                archive.write(path, path.relative_to(fruits))
        hashes = set()
        for source in ("fruits", "f.tar.gz", "f.tar", "f.zip"):
            info = self.info(source)
            self.assertEqual(info["images"], 120, source)
            self.assertEqual([row["images"] for row in info["classes"]], [12] * 10, source)
            hashes.add(info["data_sha256"])
            self.bakeoff("data", "import", source, "in-" + source)
            hashes.add(self.info("in-" + source)["data_sha256"])
        self.assertEqual(len(hashes), 1)

    def test_table(self):
        self.make()
        text = self.bakeoff("data", "info", "fruits").stdout
        self.assertRegex(text, r"class +pictures +train +val +test\n")
        self.assertRegex(text, r"apple +12 +10 +1 +1\n")
        self.assertIn("120 pictures", text)

    def test_absent_or_foreign_source_fails(self):
        self.fails("data", "info", "absent", says="absent: no such file or folder")
        (self.folder / "x.bin").write_bytes(b"hello")
        self.fails("data", "info", "x.bin", says="neither a folder nor a .tar, .tar.gz or .zip")
        with tarfile.open(self.folder / "evil.tar", "w") as tar:
            member = tarfile.TarInfo("../../evil.jpg")
            tar.addfile(member)
        self.fails("data", "info", "evil.tar", says="leads out of the archive")


    def test_hard_links_of_a_tar_are_pictures(self):
        fruits = self.make()
        (fruits / "manifest.jsonl").unlink()
        os.link(fruits / "kiwi/0000.jpg", fruits / "kiwi/linked.jpg")
        (fruits / "kiwi/soft.jpg").symlink_to("/etc/hostname")
        with tarfile.open(self.folder / "f.tar", "w") as tar:
            tar.add(fruits, "fruits")
        result = self.bakeoff("data", "info", "f.tar", "--json")
        info = json.loads(result.stdout)
        self.assertEqual(info["images"], 121)
        self.assertEqual(info["duplicates"], [["fruits/kiwi/0000.jpg", "fruits/kiwi/linked.jpg"]])
        self.assertIn("the first is 'fruits/kiwi/soft.jpg'", result.stderr)

    def test_lists(self):
        self.make()
        names = [f"fruits/{name}/{number:04}.jpg" for name in ("kiwi", "pear") for number in range(4)]
        (self.folder / "l.csv").write_text("split,label,file\r\n" + "".join(f'train,"{name.split("/")[1]}","{name}"\r\n' for name in names))
        (self.folder / "l.jsonl").write_text("".join(json.dumps({"path": name, "class": name.split("/")[1], "split": "train"}) + "\n" for name in names))
        first, second = self.info("l.csv"), self.info("l.jsonl")
        self.assertEqual(first["classes"], [{"name": name, "images": 4, "train": 4, "val": 0, "test": 0, "unused": 0} for name in ("kiwi", "pear")])
        self.assertEqual(first["data_sha256"], second["data_sha256"])
        (self.folder / "l.jsonl").write_text('{"path": "fruits/kiwi/0000.jpg"}\n')
        self.fails("data", "info", "l.jsonl", says='l.jsonl: line 1: "path" or "class" is missing')
        (self.folder / "l.csv").write_text("fruits/kiwi/0000.jpg\n")
        self.fails("data", "info", "l.csv", says="l.csv: record 1: 1 fields, 2 are needed")

    def test_a_pipe_or_device_in_a_list_is_broken_and_not_waited_for(self):
        self.make()
        os.mkfifo(self.folder / "pipe.jpg")
        (self.folder / "l.csv").write_text("fruits/kiwi/0000.jpg,kiwi\npipe.jpg,kiwi\n/dev/zero,pear\nabsent.jpg,pear\n")
        reasons = {row["path"]: row["reason"] for row in self.info("l.csv")["broken"]}
        self.assertEqual(set(reasons), {"pipe.jpg", "/dev/zero", "absent.jpg"})
        self.assertIn("not a regular file", reasons["pipe.jpg"])
        self.assertIn("not a regular file", reasons["/dev/zero"])
        self.assertIn("No such file", reasons["absent.jpg"])

    def test_loops_of_links_end(self):
        fruits = self.make()
        (fruits / "manifest.jsonl").unlink()
        (fruits / "kiwi/loop").symlink_to("..")
        result = self.bakeoff("data", "info", "fruits", "--json")
        self.assertEqual(json.loads(result.stdout)["images"], 120)
        self.assertIn("kiwi/loop: a link to a folder above it is not followed", result.stderr)


class Help(CliTest):
    def test_the_group_is_explained(self):
        for words in (("data", "--help"), ("help", "data")):
            text = self.bakeoff(*words).stdout
            self.assertIn("Usage: bakeoff data COMMAND", text)
            for member in ("make", "import", "info", "split"):
                self.assertIn(f"  data {member}", text)
            self.assertNotIn("bench", text)


class Broken(DataTest):
    def setUp(self):
        super().setUp()
        self.fruits = self.make()
        (self.fruits / "manifest.jsonl").unlink()

    def spoil(self):
        first, second, third = sorted((self.fruits / "kiwi").iterdir())[:3]
        first.write_bytes(first.read_bytes()[:-400])
        second.write_bytes(b"")
        third.write_bytes(b"<html>not found</html>")
        return first, second, third

    def test_info_lists_them(self):
        self.spoil()
        shutil.copy(self.fruits / "apple/0000.jpg", self.fruits / "pear/copy.png")
        info = self.info("fruits")
        self.assertEqual([row["path"] for row in info["broken"]], ["kiwi/0000.jpg", "kiwi/0001.jpg", "kiwi/0002.jpg"])
        self.assertIn("the file is empty", [row["reason"] for row in info["broken"]])
        self.assertEqual(info["mislabelled"], [{"path": "pear/copy.png", "content": "jpeg"}])
        self.assertEqual(info["duplicates"], [["apple/0000.jpg", "pear/copy.png"]])
        self.assertEqual(info["conflicts"], info["duplicates"])
        text = self.bakeoff("data", "info", "fruits").stdout
        self.assertIn("3 broken:\n  kiwi/0000.jpg: broken JPEG", text)

    def test_max_broken(self):
        self.spoil()
        said = self.fails("data", "split", "fruits", says="3 of 120 pictures are broken, --max-broken allows 1%").stderr
        for name in ("kiwi/0000.jpg", "kiwi/0001.jpg: the file is empty", "kiwi/0002.jpg: text (HTML"):
            self.assertIn(name, said)
        self.assertFalse((self.fruits / "manifest.jsonl").exists())
        self.fails("data", "import", "fruits", "copy", says="3 of 120")
        self.assertFalse((self.folder / "copy").exists())
        self.bakeoff("data", "split", "fruits", "--max-broken", "3")
        self.assertEqual(len(lines(self.fruits / "manifest.jsonl")), 1 + 117)
        self.fails("data", "split", "fruits", "--max-broken", "2.5%", says="manifest.jsonl is there already: --force replaces it")
        self.bakeoff("data", "split", "fruits", "--max-broken", "2.5%", "--force")
        self.fails("data", "split", "fruits", "--force", "--max-broken", "many", says="--max-broken 'many'")

    def test_pixel_bomb(self):
        # A PNG header that promises 60000 x 60000 pixels.
        bomb = bytes.fromhex("89504e470d0a1a0a0000000d494844520000ea600000ea600802000000")
        bomb += zlib.crc32(bomb[12:]).to_bytes(4, "big")
        (self.fruits / "kiwi/bomb.png").write_bytes(bomb)
        broken = self.info("fruits")["broken"]
        self.assertEqual(len(broken), 1)
        self.assertIn("60000x60000 pixels are more than the limit of 67108864", broken[0]["reason"])

    def test_file_with_a_hole_of_a_terabyte(self):
        with open(self.fruits / "kiwi/huge.jpg", "wb") as file:
            file.truncate(1 << 40)
        broken = self.info("fruits")["broken"]
        self.assertEqual([row["path"] for row in broken], ["kiwi/huge.jpg"])
        self.assertIn("1099511627776 bytes are more than the limit", broken[0]["reason"])

    def test_changed_since_the_manifest(self):
        self.bakeoff("data", "split", "fruits")
        shutil.copy(self.fruits / "apple/0000.jpg", self.fruits / "apple/0001.jpg")
        self.assertEqual(self.info("fruits")["changed"], ["apple/0001.jpg"])


class Split(DataTest):
    def counts(self, path):
        return collections.Counter((row["class"], row.get("split")) for row in lines(path)[1:])

    def test_shares_balance_and_repeatability(self):
        fruits = self.make()
        self.bakeoff("data", "split", "fruits", "--train", "0.5", "--val", "0.25", "--test", "0.25", "--seed", "3", "--out", "a.jsonl")
        counts = self.counts(self.folder / "a.jsonl")
        self.assertEqual({counts["kiwi", "train"], counts["kiwi", "val"], counts["kiwi", "test"]}, {6, 3})
        # Other names, other order of files: the same parts by content.
        shutil.copytree(fruits, self.folder / "renamed")
        for path in (self.folder / "renamed").rglob("*.jpg"):
            path.rename(path.with_name("x" + path.stem[::-1] + ".jpg"))
        self.bakeoff("data", "split", "renamed", "--force", "--train", "0.5", "--val", "0.25", "--test", "0.25", "--seed", "3")
        first = {row["sha256"]: row["split"] for row in lines(self.folder / "a.jsonl")[1:]}
        second = {row["sha256"]: row["split"] for row in lines(self.folder / "renamed/manifest.jsonl")[1:]}
        self.assertEqual(first, second)
        for path in sorted((fruits / "kiwi").iterdir())[:6]:
            path.unlink()
        self.bakeoff("data", "split", "fruits", "--balance", "oversample", "--balance-test", "--seed", "3", "--out", "b.jsonl")
        repeats = collections.Counter()
        for row in lines(self.folder / "b.jsonl")[1:]:
            if row["split"] == "train":
                repeats[row["class"]] += row.get("repeat", 1)
        self.assertEqual(len(set(repeats.values())), 1)
        tests = [count for (name, split), count in self.counts(self.folder / "b.jsonl").items() if split == "test"]
        self.assertEqual(len(set(tests)), 1)

    def test_equal_files_of_two_classes_are_told(self):
        fruits = self.make()
        shutil.copy(fruits / "kiwi/0000.jpg", fruits / "apple/other.jpg")
        said = self.bakeoff("data", "split", "fruits", "--force").stderr
        self.assertIn("equal files of different classes, kept in one part: apple/other.jpg, kiwi/0000.jpg", said)
        parts = {row["path"]: row["split"] for row in lines(fruits / "manifest.jsonl")[1:]}
        self.assertEqual(parts["apple/other.jpg"], parts["kiwi/0000.jpg"])

    def test_json(self):
        self.make()
        result = json.loads(self.bakeoff("data", "split", "fruits", "--force", "--balance", "weighted", "--json").stdout)
        self.assertEqual(result["settings"]["balance"], "weighted")
        self.assertEqual(result["data_sha256"], self.info("fruits")["data_sha256"])

    def test_refusals(self):
        fruits = self.make()
        self.fails("data", "split", "fruits", "--force", "--train", "0.9", says="add up to 1.1")
        self.fails("data", "split", "fruits", "--balance", "oversampled", says="did you mean 'oversample'?")
        self.fails("data", "split", "fruits", "--out", "x.txt", says="ends in .jsonl")
        shutil.copytree(fruits / "kiwi", self.folder / "one/kiwi")
        self.fails("data", "split", "one", says="only one class ('kiwi')")
        (fruits / "zebra").mkdir()
        self.fails("data", "split", "fruits", "--force", says="no good picture of class zebra")
        shutil.copy(fruits / "kiwi/0000.jpg", fruits / "zebra/z.jpg")
        (fruits / "kiwi/0000.jpg").unlink()
        self.fails("data", "split", "fruits", "--force", says="class 'zebra' has 1 different pictures")
        with zipfile.ZipFile(self.folder / "f.zip", "w") as archive:
            archive.write(fruits / "kiwi/0001.jpg", "kiwi/0001.jpg")
        self.fails("data", "split", "f.zip", says="--out FILE.jsonl")


class Import(DataTest):
    def test_cifar(self):
        folder = self.folder / "cifar-10-batches-bin"
        folder.mkdir()
        record = bytes([6]) + bytes(range(256)) * 12
        (folder / "data_batch_1.bin").write_bytes(record * 2)
        (folder / "test_batch.bin").write_bytes(record)
        with tarfile.open(self.folder / "cifar.tar.gz", "w:gz") as tar:
            tar.add(folder, folder.name)
        self.bakeoff("data", "import", "cifar.tar.gz", "out")
        self.assertEqual(len(list((self.folder / "out/train/frog").glob("*.png"))), 2)
        self.assertEqual(self.info("out")["formats"], {"png": 3})

    def test_links(self):
        self.make()
        self.bakeoff("data", "import", "fruits", "links", "--link", "symbolic")
        self.assertTrue((self.folder / "links/train/kiwi").is_dir())
        self.assertEqual(self.info("links")["images"], 120)
        self.fails("data", "import", "fruits", "x", "--link", "soft", says="no, hard or symbolic")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
