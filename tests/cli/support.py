# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What the tests of the command line share: the binary, an environment of their own, and process watching."""
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import time
import unittest

SOURCE = pathlib.Path(os.environ.get("BAKEOFF_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BIN = pathlib.Path(os.environ.get("BAKEOFF_BIN", SOURCE / "build/release/bin"))
PROGRAM = BIN / "bakeoff"
WORKERS = SOURCE / "tests/support"
# Time limits of tests count so much more: above 1 where a sanitizer is in the programs.
SLOWNESS = int(os.environ.get("BAKEOFF_TEST_SLOWNESS", "1"))


class CliTest(unittest.TestCase):
    """One temporary folder per test, as working folder and as cache: no test sees what another left."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.env = {
            name: value for name, value in os.environ.items() if not name.startswith("BAKEOFF_") and name not in ("NO_COLOR", "COLUMNS")
        }
        self.env.update(BAKEOFF_CACHE=str(self.folder / "cache"), BAKEOFF_STORE=str(self.folder / "store" / "runs.db"), LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1")

    def start(self, *words, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": self.folder, "env": self.env} | options
        return subprocess.Popen([PROGRAM, *map(str, words)], **options)

    def bakeoff(self, *words, code=0, timeout=60, **options):
        """Runs to the end and checks the exit code, one or any of several; the result has stdout and stderr as text."""
        process = self.start(*words, text=True, **options)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        self.assertIn(process.returncode, code if isinstance(code, tuple) else (code,), f"{words}\nstdout:\n{out}\nstderr:\n{err}")
        return subprocess.CompletedProcess(words, process.returncode, out or "", err or "")

    def fails(self, *words, code=2, says="", **options):
        """The refusal: exit code, one message on stderr that starts with `bakeoff:`, nothing on stdout."""
        result = self.bakeoff(*words, code=code, **options)
        self.assertEqual(result.stdout, "")
        self.assertTrue(result.stderr.startswith("bakeoff: "), result.stderr)
        self.assertIn(says, result.stderr)
        return result

    def small_disk(self, kib):
        """A folder on a disk of its own of that size; without the right to mount one, the test is skipped."""
        if os.geteuid() != 0:
            self.skipTest("mounting needs root")
        folder = self.folder / "disk"
        folder.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", folder], capture_output=True).returncode != 0:
            self.skipTest("this machine does not let us mount a tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", folder])
        return folder

    def memory_group(self, mib):
        """A function for `preexec_fn` that puts a process into a control group with so much memory; skipped where none can be made."""
        for mount, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
            group = pathlib.Path(mount) / f"bakeoff-test-{os.getpid()}"
            try:
                group.mkdir()
            except OSError:
                continue
            self.addCleanup(wait_until, lambda group=group: not group.exists() or removed(group), 5)
            if (group / limit).exists():
                (group / limit).write_text(str(mib << 20))
                return lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
        self.skipTest("this machine does not let us make a control group with a limit of memory")

    def with_workers(self, trouble="", folder=WORKERS):
        self.env.update(BAKEOFF_ENGINE_PATH=str(folder), TROUBLE=trouble)


def bmp(path, colour, seed):
    """A 16x16 picture of one colour (blue, green, red) and some noise."""
    noise = random.Random(seed)
    pixels = bytes(max(0, min(255, value + noise.randrange(-60, 60))) for _ in range(256) for value in colour)
    path.write_bytes(b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54 + len(pixels), 0, 0, 54, 40, 16, 16, 1, 24, 0, len(pixels), 2835, 2835, 0, 0) + pixels)


def marked(mark):
    """The processes (no zombies) whose environment has MARK=mark: the host and everything it started."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if f"MARK={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                    found.append(int(entry.name))
        except OSError:
            pass
    return found


def removed(group):
    """A control group can be removed when the last process in it is reaped."""
    try:
        group.rmdir()
    except OSError:
        return False
    return True


def wait_until(test, seconds):
    """Whether test() became true in time."""
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
