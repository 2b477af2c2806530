#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Runs clang-tidy over the sources given, and remembers which it found clean: only what changed is looked at again.

tools/tidy.py [--deep] FILE.cc...   --deep: clang-analyzer too, which takes two to four times as long (not for tests)
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
CLEAN = ROOT / "build/tidy"  # an empty file per clean source, named after all that the answer depends on
DEEP = "clang-analyzer-*"
# Not for tests: it does not understand ASSERT_TRUE(value), and a test that reads an empty value fails as it should.
NOT_FOR_TESTS = "-bugprone-unchecked-optional-access"


def is_test(source):
    return source.endswith("_test.cc") or source.startswith("tests/")


def key_of(entry, checks, fixed):
    """A hash of the tool, its settings and the preprocessed source with its comments (NOLINT is one) and #include lines (some checks
    read them). None where that fails."""
    words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")][1:]
    out = words.index("-o")
    del words[out : out + 2]
    run = subprocess.run(["clang++-19", *words, "-E", "-C", "-dI", "-w", "-o", "-"], cwd=entry["directory"], capture_output=True)
    if run.returncode != 0:
        return None
    return hashlib.sha256(b"\0".join([fixed, checks.encode(), entry["command"].encode(), run.stdout])).hexdigest()


def look_at(entry, source, deep, fixed):
    """(source, what was found or "", seconds; None where it was known to be clean)."""
    checks = NOT_FOR_TESTS if is_test(source) else DEEP if deep else ""
    key = key_of(entry, checks, fixed)
    if key and (CLEAN / key).exists():
        return source, "", None
    start = time.monotonic()
    # A build with warnings as errors would make errors of what .clang-tidy leaves out.
    run = subprocess.run(["clang-tidy-19", "-p", BUILD, "--quiet", "--extra-arg=-Wno-error", *([f"--checks={checks}"] if checks else []), ROOT / source],
                         cwd=ROOT, capture_output=True, text=True)
    if run.returncode == 0 and key:
        (CLEAN / key).touch()
    found = "" if run.returncode == 0 else run.stdout + ("" if run.stdout else run.stderr)
    return source, found, time.monotonic() - start


def main(arguments):
    deep = "--deep" in arguments
    sources = [argument for argument in arguments if argument != "--deep"]
    entries = {os.path.relpath(entry["file"], ROOT): entry for entry in json.loads((BUILD / "compile_commands.json").read_text())}
    known = [source for source in sources if source in entries]
    if unbuilt := sorted(set(sources) - set(known)):
        print(f"check: clang-tidy leaves out {len(unbuilt)} of {len(sources)} files, which this build does not compile "
              f"(their runtime or peer is not set up, or they are built elsewhere): {' '.join(unbuilt)}")
    CLEAN.mkdir(parents=True, exist_ok=True)
    fixed = subprocess.run(["clang-tidy-19", "--version"], capture_output=True, check=True).stdout
    fixed += (ROOT / ".clang-tidy").read_bytes()
    bad, looked, start = [], 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        jobs = [pool.submit(look_at, entries[source], source, deep, fixed) for source in known]
        for done, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            source, found, seconds = job.result()
            looked += seconds is not None
            if found:
                bad.append(source)
                print(found.replace(f"{ROOT}/", ""), flush=True)
            if sys.stderr.isatty():
                print(f"\rcheck: clang-tidy {done}/{len(known)}, {len(bad)} with findings ", end="", file=sys.stderr)
    print(f"check: clang-tidy looked at {looked} of {len(known)} files in {time.monotonic() - start:.0f} s "
          f"({len(known) - looked} were clean and did not change); {len(bad)} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
