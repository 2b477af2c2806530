#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What describing a worker costs against a bare program that links the same library, and `bakeoff engines` once all are described.

Both sides alternate in one run; medians are compared. The goal: 1.2 times the bare program, plus 10 ms; 150 ms for `bakeoff engines`.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ALLOWED_RATIO, ALLOWED_MORE_S, ENGINES_LIMIT_S = 1.2, 0.010, 0.150


def seconds(words):
    """Wall time of one process that must succeed."""
    start = time.perf_counter()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    took = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    return took


def pairs(bin_folder):
    """(engine, its description, the bare program) for every worker that has something to be compared with."""
    for worker in sorted(bin_folder.glob("bakeoff-engine-*")):
        name = worker.name.removeprefix("bakeoff-engine-")
        bare = bin_folder / f"bakeoff-bench-bare-{name}"
        script = re.search(rb"exec '([^']+/python)'", worker.read_bytes()[:4096])
        if script:
            # A baseline's description imports no runtime: its peer is the interpreter with what any such worker needs.
            yield name, [worker, "--describe"], [script[1].decode(), "-E", "-s", "-B", "-c", "import ctypes, json"]
        elif bare.exists():
            yield name, [worker, "--describe"], [bare, "--nothing"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/release/bin")
    parser.add_argument("--rounds", type=int, default=11)
    arguments = parser.parse_args()
    print(f"medians of {arguments.rounds} alternating processes; load average {os.getloadavg()[0]:.1f}\n")
    print(f"{'engine':12} {'describe':>10} {'bare':>10} {'ratio':>6} {'allowed':>10}")
    good = True
    for name, describe, bare in pairs(arguments.bin):
        seconds(describe), seconds(bare)  # libraries are in the page cache from here on
        times = [(seconds(describe), seconds(bare)) for _ in range(arguments.rounds)]
        ours, theirs = (statistics.median(column) for column in zip(*times))
        allowed = ALLOWED_RATIO * theirs + ALLOWED_MORE_S
        good = good and ours <= allowed
        print(f"{name:12} {ours * 1e3:7.1f} ms {theirs * 1e3:7.1f} ms {ours / theirs:6.2f} {allowed * 1e3:7.1f} ms"
              f"{'' if ours <= allowed else '  TOO SLOW'}")
    listing = [arguments.bin / "bakeoff", "engines"]
    seconds(listing)
    took = statistics.median(seconds(listing) for _ in range(arguments.rounds))
    good = good and took <= ENGINES_LIMIT_S
    print(f"\nbakeoff engines, all described: {took * 1e3:.1f} ms, allowed {ENGINES_LIMIT_S * 1e3:.0f} ms"
          f"{'' if took <= ENGINES_LIMIT_S else '  TOO SLOW'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
