#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""No binary of ours shares a protobuf with another: a runtime that brings its own would crash beside it.

Ours is linked statically and hidden, so `nm -D` must show no google::protobuf symbol, neither exported nor imported, and
no binary may need a shared libprotobuf. One exception: a worker of TensorFlow uses the classes that this runtime exports
itself, and then no other protobuf is in the process.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(os.environ["BAKEOFF_BIN"])
MANGLED = "6google8protobuf"


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def binaries():
    for folder in (BIN, BIN.parent / "lib"):
        for path in sorted(folder.glob("*")) if folder.exists() else []:
            if path.is_file() and not path.is_symlink() and is_elf(path) and "_test" not in path.name:
                yield path


def needed(path):
    return [line.split("[")[1].rstrip("]") for line in output_of("readelf", "-d", str(path)).splitlines() if "(NEEDED)" in line]


def complaints(path):
    libraries = needed(path)
    found = [f"{path.name} needs {library}" for library in libraries if library.startswith("libprotobuf")]
    if any(library.startswith("libtensorflow") for library in libraries):
        return found
    symbols = [line for line in output_of("nm", "-D", str(path)).splitlines() if MANGLED in line]
    return found + [f"{path.name}: {line.strip()}" for line in symbols[:3]]


class ProtobufStaysInside(unittest.TestCase):
    def test_no_binary_shares_it(self):
        found = [line for path in binaries() for line in complaints(path)]
        self.assertEqual(found, [])

    def test_premise_the_program_contains_it(self):
        self.assertIn(b"google.protobuf", (BIN / "bakeoff").read_bytes())

    def test_premise_a_shared_protobuf_would_be_seen(self):
        compiler = shutil.which("c++")
        if not compiler:
            self.skipTest("no compiler")
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "leak.cc"
            source.write_text("namespace google::protobuf { __attribute__((visibility(\"default\"))) int Leak() { return 1; } }\n")
            library = pathlib.Path(folder) / "libleak.so"
            subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
            self.assertTrue(complaints(library))


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
