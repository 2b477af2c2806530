#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Where the time of one `bakeoff bench MODEL --engines all --threads 1,2` goes, and what is not measuring.

Measuring is warm-up and the timed part. What an engine needs to load the model and for its first inference is told apart from the
rest: worker processes that start and load their libraries, the reference's answers, comparing, the host itself.
The goal: all that is not measuring takes less than a tenth of the whole. It needs no TensorFlow and no Keras, whose start takes seconds.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

LIMIT = 0.10
PARTS = ("wall_ns", "warmup_ns", "load_ns", "first_inference_ns")


def run(arguments, model, folder):
    """The runs of one campaign and its wall time in seconds."""
    result = folder / "result.json"
    words = [arguments.bin / "bakeoff", "bench", model, "--engines", arguments.engines, "--threads", "1,2",
             "--repeat", str(arguments.repeat), "--json", result, *arguments.more]
    start = time.perf_counter()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    took = time.perf_counter() - start
    if not result.exists():
        sys.exit(f"{' '.join(map(str, words))}: exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    return json.loads(result.read_text())["runs"], took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/release/bin")
    parser.add_argument("--model", type=pathlib.Path, help="instead of a ResNet-50 written for this run")
    parser.add_argument("--engines", default="all")
    parser.add_argument("--repeat", type=int, default=1, help="more repetitions share the reference: 1 is the worst case")
    parser.add_argument("more", nargs="*", help="after --: further options of `bakeoff bench`")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bakeoff-startup-") as text:
        folder = pathlib.Path(text)
        model = arguments.model or folder / "resnet50.onnx"
        if not arguments.model:
            subprocess.run([arguments.bin / "bakeoff", "make-model", "resnet50", model], check=True, stdout=subprocess.DEVNULL)
        load = os.getloadavg()[0]
        runs, total = run(arguments, model, folder)
    ok = [row for row in runs if row["status"] == "ok"]
    for row in runs:
        if row["status"] not in ("ok", "unsupported", "skipped"):
            sys.exit(f"{row['engine']}, {row['threads']} threads: {row['status']}: {row.get('error')}")
    if not ok:
        sys.exit("no engine measured the model")
    print(f"{model.name}, {len(ok)} measured runs, load average {load:.1f}; seconds\n")
    print(f"{'engine':12} {'runs':>4} {'timed':>8} {'warm-up':>8} {'load':>8} {'first':>8}")
    sums = dict.fromkeys(PARTS, 0.0)
    for engine in sorted({row["engine"] for row in ok}):
        rows = [row for row in ok if row["engine"] == engine]
        its = {part: sum(row[part] or 0 for row in rows) / 1e9 for part in PARTS}
        for part in PARTS:
            sums[part] += its[part]
        print(f"{engine:12} {len(rows):4}" + "".join(f" {its[part]:8.2f}" for part in PARTS))
    measuring = sums["wall_ns"] + sums["warmup_ns"]
    loading = sums["load_ns"] + sums["first_inference_ns"]
    share = (total - measuring) / total
    print(f"\nwhole {total:.2f} s = measuring {measuring:.2f} s + loading and first inference {loading:.2f} s"
          f" + starts, reference and host {total - measuring - loading:.2f} s")
    print(f"not measuring: {share:.1%} of the whole (goal: below {LIMIT:.0%}){'' if share < LIMIT else '  ABOVE THE GOAL'}")
    return 0 if share < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
