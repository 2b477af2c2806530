# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The real deps.lock: well formed, and with the scripts free of any registry's name or address."""
import os
import pathlib
import re
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ.get("BAKEOFF_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
SETUP = SOURCE / "deps" / "setup.sh"


class RealLockTest(unittest.TestCase):
    def test_NamesNoHost(self):
        files = [SOURCE / "Makefile", SOURCE / ".ci" / "run", *(SOURCE / "deps").rglob("*")]
        hosts = re.compile(r"[a-z]+://|pypi|pythonhosted|maven\.org|debian\.org|npmjs|github|conda|\bwww\.", re.I)
        checked = [path for path in files if path.is_file()]
        self.assertGreater(len(checked), 8)
        for path in checked:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                self.assertIsNone(hosts.search(line), f"{path}:{number}: {line}")

    def test_LinesAreWellFormed(self):
        lines = [line.split() for line in (SOURCE / "deps" / "deps.lock").read_text().splitlines()
                 if line.startswith("file:")]
        self.assertGreater(len(lines), 10)
        for _, kind, requirement, size, digest, file, *_ in lines:
            self.assertRegex(digest, "^[0-9a-f]{64}$")
            self.assertGreater(int(size), 0)
            if kind in ("wheel", "sdist"):
                name, version = requirement.split("==")
                self.assertTrue(file.startswith(f"{name.replace('-', '_')}-{version}"), file)
            if kind == "npm":
                self.assertEqual(file, f"{requirement.replace('@', '-')}.tgz")

    def test_ListNamesTheEngines(self):
        run = subprocess.run([SETUP, "--list"], capture_output=True, text=True, check=True)
        for engine in ("onnxruntime", "openvino"):
            self.assertIn(f"engine {engine}", run.stdout)


if __name__ == "__main__":
    unittest.main()
