#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""How often `bakeoff compare --live` calls equal configurations different, and how often it finds a true difference of 3 %."""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def compare(options, folder, median_us, seed):
    """The verdict on B, whose median is that many microseconds, against A with options.median_us."""
    # Seed 0: every process draws run times of its own, so that no repetition and neither side repeats another's.
    side = lambda us: f"{ROOT}/tests/fixtures/net.onnx --engines fake --threads 1 --warmup 50ms -o fake.delay=lognormal -o fake.spread={options.spread} -o fake.median_us={us} -o fake.seed=0"
    words = ["compare", "--live", side(options.median_us), side(median_us), "--count", str(options.count), "--repeat", str(options.repeat),
             "--seed", str(seed), "--store", folder / "runs.db", "--json"]
    done = subprocess.run([options.bin / "bakeoff", *map(str, words)], capture_output=True, text=True)
    if done.returncode not in (0, 1, 5):
        sys.exit(f"bakeoff {' '.join(map(str, words))}\n{done.stderr}")
    (row,) = json.loads(done.stdout)["rows"]
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--comparisons", type=int, default=100)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--median-us", type=float, default=100, dest="median_us")
    parser.add_argument("--spread", type=float, default=0.05, help="sigma of the logarithm of run times")
    options = parser.parse_args()
    print(f"{options.comparisons} comparisons each, fake of {options.median_us:g} us (lognormal, {options.spread:g}, drawn anew in each process), --count {options.count} --repeat {options.repeat}; load average {os.getloadavg()[0]:.2f}", flush=True)
    good = True
    for name, factor, verdicts, limit in (("A/A", 1.0, ("faster", "slower"), None), ("+3 %", 1.03, ("slower",), 90)):
        seen, ratios = collections.Counter(), []
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(1, options.comparisons + 1):
                row = compare(options, pathlib.Path(folder), options.median_us * factor, seed)
                seen[row["verdict"]] += 1
                ratios.append(row["ratio"])
        found = sum(seen[verdict] for verdict in verdicts)
        met = found * 100 <= 5 * options.comparisons if limit is None else found * 100 >= limit * options.comparisons
        good = good and met
        goal = "at most 5 %" if limit is None else f"at least {limit} %"
        ratios.sort()
        print(f"{name}: {found} of {options.comparisons} called {' or '.join(verdicts)} (goal {goal}: {'met' if met else 'NOT met'}); {dict(seen)}; ratio {ratios[0]:.4f} .. {ratios[len(ratios) // 2]:.4f} .. {ratios[-1]:.4f}", flush=True)
    print(f"load average at the end {os.getloadavg()[0]:.2f}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
