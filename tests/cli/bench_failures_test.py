#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Broken, dying and lying engines through the real `bakeoff bench`: what each leaves in its record, and that nothing outlives the host."""
import json
import os
import pathlib
import shutil
import signal
import time
import unittest

from support import SOURCE, CliTest, marked, wait_until

QUICK = ["--count", "50", "--repeat", "1", "--warmup", "20ms", "--threads", "1"]
SHM = pathlib.Path("/dev/shm")


class FailuresTest(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(SOURCE / "tests/fixtures/net.onnx", self.model)

    def pair(self, *options, code=3):
        """One run of the broken engine and one of a healthy engine, from one call; the healthy one must be ok."""
        words = [word for option in options for word in (["-o", option] if "=" in option else [option])]
        result = json.loads(self.bakeoff("bench", self.model, "--engines", "fake,null", *QUICK, *words, "--json", code=code).stdout)
        runs = {run["engine"]: run for run in result["runs"]}
        self.assertEqual(set(runs), {"fake", "null"})
        self.assertEqual((runs["null"]["status"], runs["null"]["samples"]), ("ok", 50), runs["null"]["error"])
        return runs["fake"]

    def failed(self, *options, code="engine_failed", says=()):
        run = self.pair(*options)
        self.assertEqual((run["status"], run["error"]["code"]), ("failed", code), run["error"])
        self.assertEqual(run["samples"], 0)
        self.assertIsNone(run["throughput_per_s"])
        self.assertIsNone(run["latency_ns"]["p50"])
        for words in says:
            self.assertIn(words, run["error"]["text"])
        return run


class Deaths(FailuresTest):
    def test_each_signal_is_named_and_the_last_words_are_kept(self):
        for name in ("segv", "abrt", "kill", "fpe", "ill", "bus", "term"):
            with self.subTest(signal=name):
                self.failed("fake.crash_at_run=30", f"fake.signal={name}", says=[f"SIG{name.upper()}", f"fake raises {name}, as it was told"])

    def test_who_killed_it(self):
        text = self.failed("fake.crash_at_run=30", "fake.signal=kill")["error"]["text"]
        self.assertRegex(text, "was killed by SIGKILL .*neither this program nor the kernel's own guard of memory sent that")
        text = self.failed("fake.crash_at_run=30", "fake.signal=term")["error"]["text"]
        self.assertNotIn("memory", text)

    def test_out_of_memory_is_told_with_what_to_do(self):
        words = ["bench", self.model, "--engines", "fake,null", *QUICK, "-o", f"fake.memory_growth={100 << 20}", "--json"]
        result = self.bakeoff(*words, code=3, preexec_fn=self.memory_group(1024))
        runs = {run["engine"]: run for run in json.loads(result.stdout)["runs"]}
        self.assertEqual((runs["null"]["status"], runs["fake"]["error"]["code"]), ("ok", "engine_failed"))
        self.assertRegex(runs["fake"]["error"]["text"],
                         "was killed by SIGKILL .* for lack of memory at that time, most likely this one; ask for less .--batch")

    def test_crash_while_loading(self):
        self.failed("fake.crash_at_load=true", "fake.signal=abrt", says=["SIGABRT", "fake raises abrt, as it was told"])

    def test_exit_code_is_told(self):
        self.failed("fake.exit_at_run=30", "fake.exit_code=23", says=["23"])

    def test_only_the_end_of_a_long_stderr_is_kept(self):
        run = self.failed("fake.crash_at_run=1", "fake.rubbish_on_stderr=1000000", says=["fake raises segv, as it was told"])
        self.assertLess(len(run["error"]["text"]), 10000)


class Refusals(FailuresTest):
    def test_load_failure_has_the_code_of_the_engine(self):
        for code in ("unavailable", "invalid_model", "engine_failed"):
            with self.subTest(code=code):
                self.failed(f"fake.fail_at_load={code}", code=code, says=["fake fails at load, as it was told"])

    def test_failure_at_a_run_names_the_run(self):
        self.failed("fake.fail_at_run=30", says=["fake fails at run 30, as it was told"])

    def test_failure_is_told_on_the_console_too(self):
        result = self.bakeoff("bench", self.model, "--engines", "fake,null", *QUICK, "-o", "fake.fail_at_run=30", code=3)
        self.assertRegex(result.stdout, r"(?m)^fake on .*: failed: ")
        self.assertIn("fake fails at run 30, as it was told", " ".join(result.stdout.split()))

    def test_nan_is_a_mismatch_without_a_speed_number_unless_forced(self):
        run = self.pair("fake.nan_at=1", code=1)
        self.assertEqual((run["status"], run["error"]["code"], run["samples"]), ("mismatch", "mismatch", 0))
        self.assertIsNone(run["throughput_per_s"])
        run = self.pair("fake.nan_at=1", "--force", code=1)
        self.assertEqual((run["status"], run["samples"]), ("mismatch", 50))
        self.assertGreater(run["throughput_per_s"], 0)


class Protocol(FailuresTest):
    def test_each_way_to_break_the_protocol_fails_the_row(self):
        for how in ("rubbish", "cut_short", "head_too_large", "payload_too_large", "not_json", "close"):
            for where in ("load", "30"):
                with self.subTest(how=how, where=where):
                    start = time.monotonic()
                    self.failed(f"fake.break_protocol_at={where}", f"fake.break_protocol={how}", says=[f"fake breaks the protocol ({how}), as it was told"])
                    # Told by what it sent: no wait for the time limit, which is minutes.
                    self.assertLess(time.monotonic() - start, 40)

    def test_bad_handshakes_fail_the_row(self):
        for fault, code, says in (("version", "engine_failed", "version"), ("rubbish", "engine_failed", ""), ("exit", "engine_failed", "licence has expired")):
            with self.subTest(fault=fault):
                self.env["BAKEOFF_FAKE_HANDSHAKE"] = fault
                self.failed(code=code, says=[says])

    def test_silent_worker_is_given_up(self):
        self.env["BAKEOFF_FAKE_HANDSHAKE"] = "silent"
        start = time.monotonic()
        self.failed("--timeout", "1", code="timeout")
        self.assertLess(time.monotonic() - start, 50)

    def test_text_before_the_handshake_and_on_stdout_harms_nothing(self):
        self.env["BAKEOFF_FAKE_HANDSHAKE"] = "banner"
        run = self.pair("fake.rubbish_on_stdout=100000", code=0)
        self.assertEqual((run["status"], run["samples"]), ("ok", 50))


class Ends(FailuresTest):
    """How a call ends early; the mark finds the host and all that it started."""

    def hang(self, *words, **options):
        self.env["MARK"] = mark = f"ends-{os.getpid()}-{self.id()}"
        process = self.start("bench", self.model, "--engines", "null,fake", *QUICK, "-o", "fake.hang_at=30", "--timeout", "100", *words, text=True, **options)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertTrue(wait_until(lambda: any(self.engine(pid) == "bakeoff-engine-fake" for pid in marked(mark)), 30))
        return process, mark

    @staticmethod
    def engine(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/exe").readlink().name
        except OSError:
            return ""

    def asleep_in_a_run(self, mark):
        """The fake engine has reached the run that hangs: for a second its process used no CPU."""

        def ticks():
            total = {}
            for pid in marked(mark):
                if self.engine(pid) == "bakeoff-engine-fake":
                    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    total[pid] = int(fields[11]) + int(fields[12])
            return total

        def quiet():
            try:
                before = ticks()
                time.sleep(1)
                return before and before == ticks()
            except OSError:
                return False

        return wait_until(quiet, 30)

    def test_nothing_outlives_a_killed_host(self):
        before = sorted(os.listdir(SHM)) if SHM.is_dir() else []
        # Once as it is, once below a prefix that stays between host and worker, as ssh does.
        for prefix in ((), ("--on", "sh -c '\"$@\"; true' --")):
            with self.subTest(prefix=prefix):
                process, mark = self.hang(*prefix)
                self.assertTrue(self.asleep_in_a_run(mark))
                process.kill()
                process.wait()
                self.assertTrue(wait_until(lambda: not marked(mark), 2), marked(mark))
        # Files of other programs come and go; a leak stays.
        self.assertTrue(wait_until(lambda: not SHM.is_dir() or set(os.listdir(SHM)) <= set(before), 10))

    def test_interrupt_keeps_what_was_measured(self):
        # The order goes by the seed: one that measures the healthy engine first.
        for seed in range(1, 20):
            runs = json.loads(self.bakeoff("bench", self.model, "--engines", "null,fake", *QUICK, "--seed", seed, "--json").stdout)["runs"]
            if min(runs, key=lambda run: run["order"])["engine"] == "null":
                break
        # A signal to the host alone, and Ctrl-C, which the terminal sends to all of the group.
        for whole_group in (False, True):
            with self.subTest(whole_group=whole_group):
                process, mark = self.hang("--json", "r.json", "--seed", seed, start_new_session=True)
                self.assertTrue(self.asleep_in_a_run(mark))
                os.killpg(process.pid, signal.SIGINT) if whole_group else process.send_signal(signal.SIGINT)
                _, err = process.communicate(timeout=20)
                self.assertEqual(process.returncode, 130, err)
                result = json.loads((self.folder / "r.json").read_text())
                self.assertTrue(result["interrupted"])
                self.assertEqual([(run["engine"], run["status"], run["samples"]) for run in result["runs"]], [("null", "ok", 50)])
                self.assertTrue(wait_until(lambda: not marked(mark), 2), marked(mark))
                (self.folder / "r.json").unlink()


class Prefixes(FailuresTest):
    """`--on`: what starts the workers narrows what they may use, and where it fails the row says so with its own words."""

    def test_taskset_narrows_the_mask(self):
        cpu = max(os.sched_getaffinity(0))
        result = json.loads(self.bakeoff("bench", self.model, "--engines", "fake", *QUICK, "--on", f"taskset -c {cpu}", "--json").stdout)
        (run,) = result["runs"]
        self.assertEqual((run["status"], run["effective"]["process"]["cpus"]), ("ok", [cpu]))

    def test_a_prefix_that_fails_is_in_the_row(self):
        for prefix, says in (("taskset -c 99999", ["exit code 1", "taskset"]), ("sh -c 'echo no route to board >&2; exit 255' --", ["exit code 255", "no route to board"]), ("sh -c 'kill -9 $$' --", ["SIGKILL", "most likely memory was short", "--batch"]), ("sh -c 'exit 137' --", ["137", "most likely memory was short"])):
            with self.subTest(prefix=prefix):
                (run,) = json.loads(self.bakeoff("bench", self.model, "--engines", "fake", *QUICK, "--on", prefix, "--json", code=3).stdout)["runs"]
                self.assertEqual((run["status"], run["error"]["code"]), ("failed", "engine_failed"))
                for words in says:
                    self.assertIn(words, run["error"]["text"])


if __name__ == "__main__":
    unittest.main()
