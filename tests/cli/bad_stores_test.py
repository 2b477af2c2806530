#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Stores that cannot be used, through the real program: exit code 3, what to do, and nothing lost."""
import contextlib
import json
import pathlib
import resource
import shutil
import signal
import sqlite3

from support import SLOWNESS, SOURCE, CliTest

QUICK = ["--engines", "fake", "--count", "60", "--warmup", "5ms", "--threads", "1", "--repeat", "1"]


class BadStores(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(SOURCE / "tests/fixtures/net.onnx", self.model)
        self.store = pathlib.Path(self.env["BAKEOFF_STORE"])
        self.words = ["bench", self.model, *QUICK]

    def sql(self, *statements):
        with contextlib.closing(sqlite3.connect(self.store, isolation_level=None)) as store:
            for statement in statements:
                store.execute(statement)

    def filled(self):
        """A store with one campaign, whole in one file, and its bytes."""
        self.bakeoff(*self.words, "--name", "kept")
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.store.read_bytes()

    def readers(self):
        return (["runs", "list"], ["runs", "show", "1"], ["runs", "export", "1"], ["compare", "1", "kept"], ["report", "1", "--out", self.folder / "page.html"])

    def unusable(self, says, words=None):
        """Whoever writes to it or reads it: exit code 3 and one message that names the file and what helps."""
        for each in words or [self.words, [*self.words, "--resume"], *self.readers()]:
            with self.subTest(words=each[:2]):
                result = self.fails(*each, code=3, says=says)
                self.assertIn(str(self.store), result.stderr)
        self.assertFalse((self.folder / "page.html").exists())

    def test_a_file_that_is_no_store_stays_as_it_is(self):
        for content in (b"x" * 5000, b"SQLite format 3\0" + b"y" * 5000):
            self.store.parent.mkdir(exist_ok=True)
            self.store.write_bytes(content)
            self.unusable("--store")
            self.assertEqual(self.store.read_bytes(), content)

    def test_a_database_of_another_program_stays_as_it_is(self):
        self.store.parent.mkdir()
        self.sql("CREATE TABLE theirs (x)")
        before = self.store.read_bytes()
        self.unusable("a database of another program")
        self.assertEqual(self.store.read_bytes(), before)

    def test_a_store_of_a_newer_version_stays_as_it_is(self):
        self.filled()
        self.sql("PRAGMA user_version = 77", "PRAGMA wal_checkpoint(TRUNCATE)")
        before = self.store.read_bytes()
        self.unusable("its format is version 77")
        self.assertEqual(self.store.read_bytes(), before)

    def test_a_truncated_store_is_said_to_be_damaged(self):
        whole = self.filled()
        self.store.write_bytes(whole[:len(whole) // 2])
        self.unusable("damaged", words=[self.words, ["runs", "export", "1", "--samples"]])
        self.assertEqual(self.store.read_bytes(), whole[:len(whole) // 2])

    def test_a_locked_store_is_waited_for_and_then_said_to_be_in_use(self):
        self.filled()
        holder = sqlite3.connect(self.store, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN IMMEDIATE")
        self.unusable("another process is writing to it: try again", words=[self.words])
        # Readers do not wait for it.
        self.assertIn("kept", self.bakeoff("runs", "list").stdout)
        holder.execute("ROLLBACK")
        self.bakeoff(*self.words)
        self.assertEqual(len(json.loads(self.bakeoff("runs", "list", "--json").stdout)["campaigns"]), 2)

    def test_a_store_that_is_locked_for_readers_too_is_said_to_be_in_use(self):
        self.filled()
        holder = sqlite3.connect(self.store, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        self.unusable("another process is writing to it: try again", words=[["runs", "list"]])

    def test_a_disk_that_takes_no_more_keeps_what_was_stored_and_shows_the_rest(self):
        """No file above a size may be written: the system says so where a full disk does, and it needs no rights."""
        self.filled()
        limit = self.store.stat().st_size + 100_000

        def small():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        # 160 kB of samples each: the first repetition is too much.
        words = ["bench", self.model, "--engines", "fake", "--count", "20000", "--warmup", "5ms", "--threads", "1", "--repeat", "2"]
        result = self.bakeoff(*words, code=3, preexec_fn=small, timeout=120 * SLOWNESS)
        self.assertIn("the disk is full, or reports an error: free some space", result.stderr)
        self.assertIn("2 measurements of campaign 2 could not be stored", result.stderr)
        self.assertIn("fake", result.stdout)  # measured and shown all the same
        kept, cut = sorted(json.loads(self.bakeoff("runs", "list", "--json").stdout)["campaigns"], key=lambda campaign: campaign["id"])
        self.assertEqual((kept["name"], kept["runs"], kept["state"]), ("kept", 1, "done"))
        self.assertEqual(cut["runs"], 0)
        self.assertIn("0 of 2 runs were there", self.bakeoff(*words, "--resume", timeout=120 * SLOWNESS).stderr)

    def test_a_full_disk_keeps_what_was_stored_and_shows_the_rest(self):
        disk = self.small_disk(300)
        words = ["--engines", "fake", "--count", "20000", "--warmup", "5ms", "--threads", "1", "--repeat", "4", "--store", disk / "runs.db"]
        result = self.bakeoff("bench", self.model, *words, code=3)
        self.assertIn("free some space", result.stderr)
        self.assertIn("could not be stored", result.stderr)
        self.assertIn("fake", result.stdout)
        left = json.loads(self.bakeoff("runs", "list", "--store", disk / "runs.db", "--json").stdout)["campaigns"][0]
        self.assertIn(left["state"], ("running", "stopped"))
        self.assertLess(left["runs"], 4)

    def test_a_disk_that_is_full_already_is_told_before_anything_is_measured(self):
        disk = self.small_disk(64)
        (disk / "rest").write_bytes(b"x" * (60 << 10))
        result = self.fails(*self.words, "--store", disk / "runs.db", code=3, says="free some space")
        self.assertNotIn("measurement", result.stderr)

    def test_what_is_no_file_of_a_store_is_a_wrong_request(self):
        self.fails(*self.words, "--store", self.folder, says="a folder")
        self.fails("runs", "list", "--store", self.folder / "none.db", says="no store")
        self.fails(*self.words, "--no-store", "--resume", says="contradict")


if __name__ == "__main__":
    import unittest

    unittest.main()
