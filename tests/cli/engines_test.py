#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff engines` on workers made for the test, in a program folder of their own."""
import json
import os
import pathlib
import shutil
import signal
import time
import unittest

import support

TABLE = """\
engine    status   version  formats                  devices  precisions
absent    missing
broken    broken
good      present  1.2.3    onnx, tflite             cpu      f32
pythonic  present  3        savedmodel, torchscript  cpu      f32

absent: the absent package is not set up; run: deps/setup.sh --engines absent
broken: ended with exit code 4 when asked for its description; it said: the
  runtime needs AVX-512
not shown, for testing only: trouble (--all shows them)
"""


class Engines(support.CliTest):
    def setUp(self):
        super().setUp()
        # The program looks beside itself: a folder of its own keeps the engines of this build out.
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        os.link(support.PROGRAM, self.bin / "bakeoff") if os.stat(support.PROGRAM).st_dev == os.stat(self.bin).st_dev else shutil.copy(
            support.PROGRAM, self.bin)
        self.asked = self.folder / "asked"
        self.worker("good", f"""#!/bin/sh
echo x >> {self.asked}
echo '{json.dumps({"name": "good", "version": "1.2.3", "reads": ["onnx", "tflite"], "options": [
    {"name": "level", "default": "all", "help": "How much to optimise.", "choices": "none|all"}]})}'
""")
        self.worker("broken", "#!/bin/sh\necho 'the runtime needs AVX-512' >&2\nexit 4\n")
        self.worker("pythonic", """#!/usr/bin/env python3
import json
print(json.dumps({"name": "pythonic", "version": "3", "reads": ["savedmodel", "torchscript"]}))
""")
        shutil.copy(support.WORKERS / "bakeoff-engine-trouble", self.bin)
        (self.bin / "bakeoff-engines.json").write_text(json.dumps({"engines": [
            {"name": "good", "built": True},
            {"name": "absent", "built": False, "reason": "the absent package is not set up; run: deps/setup.sh --engines absent"}]}))

    def worker(self, name, text):
        path = self.bin / f"bakeoff-engine-{name}"
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *words, **options):
        program, support.PROGRAM = support.PROGRAM, self.bin / "bakeoff"
        try:
            return super().start(*words, **options)
        finally:
            support.PROGRAM = program

    def test_table(self):
        self.assertEqual(self.bakeoff("engines").stdout, TABLE)
        self.assertIn("\ntrouble   present  7 ", self.bakeoff("engines", "--all").stdout)

    def test_json(self):
        result = json.loads(self.bakeoff("engines", "--json").stdout)
        rows = {row["name"]: row for row in result["engines"]}
        self.assertEqual(result["schema"], 1)
        self.assertEqual({name: row["status"] for name, row in rows.items()},
                         {"absent": "missing", "broken": "broken", "good": "present", "pythonic": "present", "trouble": "present"})
        self.assertEqual(rows["good"]["formats"], ["onnx", "tflite"])
        self.assertEqual(rows["good"]["devices"], ["cpu"])
        self.assertIsNone(rows["good"]["reason"])
        self.assertIsNone(rows["absent"]["version"])
        self.assertIn("deps/setup.sh", rows["absent"]["reason"])
        table = self.bakeoff("engines", "--json", "out.json").stdout
        self.assertEqual(table, TABLE)
        self.assertEqual(json.loads((self.folder / "out.json").read_text()), result)

    def test_options(self):
        self.assertEqual(self.bakeoff("engines", "--options", "good").stdout,
                         "option      default  values     meaning\ngood.level  all      none, all  How much to optimise.\n")
        self.assertEqual(self.bakeoff("engines", "--options", "pythonic").stdout, "pythonic has no options.\n")
        self.fails("engines", "--options", "goood", code=2, says="unknown engine 'goood' (did you mean 'good'?)")
        self.fails("engines", "--options", "absent", code=3, says="the engine 'absent' is missing: the absent package is not set up")

    def test_asked_once_also_when_the_cache_cannot_be_written(self):
        self.bakeoff("engines")
        self.bakeoff("engines")
        self.assertEqual(self.asked.read_text(), "x\n")
        self.env["BAKEOFF_CACHE"] = "/proc/nowhere"
        self.bakeoff("engines")
        self.assertEqual(self.asked.read_text(), "x\nx\n")

    def hang(self, mark):
        """A host that waits for a worker that hangs and does not notice the end of its stdin."""
        self.env.update(TROUBLE="describe-hangs", MARK=mark)
        host = self.start("engines")
        self.addCleanup(lambda: (host.kill(), host.wait(), host.stdout.close(), host.stderr.close()))
        self.assertTrue(support.wait_until(lambda: self.hanging(mark, host), 30), "the worker did not start")
        return host

    def hanging(self, mark, host):
        others = [pid for pid in support.marked(mark) if pid != host.pid]
        return any(b"trouble" in self.words(pid) for pid in others)

    @staticmethod
    def words(pid):
        """The command line of a process, empty when it has just ended (the host asks every engine; most answer at once)."""
        try:
            return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return b""

    def test_nothing_is_left_behind_by_signals(self):
        before = sorted(os.listdir("/dev/shm"))
        for number, code in [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]:
            with self.subTest(signal=number.name):
                mark = f"{os.getpid()}-{number}"
                host = self.hang(mark)
                host.send_signal(number)
                start = time.monotonic()
                self.assertEqual(host.wait(10), code)
                self.assertLess(time.monotonic() - start, 2 * support.SLOWNESS)
                self.assertTrue(support.wait_until(lambda: not support.marked(mark), 2), support.marked(mark))
        self.assertEqual(sorted(os.listdir("/dev/shm")), before)

    def test_an_ignored_interrupt_stays_ignored(self):
        mark = f"{os.getpid()}-nohup"
        handler = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            host = self.hang(mark)
        finally:
            signal.signal(signal.SIGHUP, handler)
        host.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertIsNone(host.poll())


if __name__ == "__main__":
    unittest.main()
