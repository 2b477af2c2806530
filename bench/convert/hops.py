#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Time and memory of every hop for MobileNetV2 and ResNet-50, without a proof and without starting libraries.

    V/bin/python bench/convert/make_models.py --into models --names mobilenet_v2,resnet50
    python3 bench/convert/hops.py --models models

The goals: below one second each, and a peak of memory that is less than three times the model and 100 MB above what the worker had with
its libraries loaded. Without --models the hop from TorchScript is left out. Exits with 1 where a goal is missed on a calm machine.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from convert import SHAPE, TARGETS

NETWORKS = ("mobilenet_v2", "resnet50")
SECONDS, TIMES, MORE_BYTES = 1.0, 3, 100e6
CALM = 1.5  # load average above which a missed goal says little


def hop(arguments, source, target, folder):
    """Seconds and bytes above the loaded worker, of one conversion."""
    report = folder / "report.json"
    words = [arguments.bin / "bakeoff", "convert", source, folder / TARGETS[target], "--to", target, "--no-verify", "--force", "--json", report]
    words += ["--shape", SHAPE] if source.suffix == ".pt" else []
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{source} to {target}: exit code {done.returncode}: {done.stderr[-1000:]}")
    (step,) = json.loads(report.read_text())["rows"]
    return step["convert_ns"] / 1e9, step["peak_rss_bytes"] - step["rss_before_bytes"]


def sources(arguments, folder):
    """(name, file, targets)"""
    for name in NETWORKS:
        onnx = folder / f"{name}.onnx"
        subprocess.run([arguments.bin / "bakeoff", "make-model", name, onnx], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield name, onnx, ("openvino", "tflite", "savedmodel")
        if arguments.models:
            yield name, arguments.models / f"{name}.pt", ("onnx",)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/release/bin")
    parser.add_argument("--models", type=pathlib.Path, help="folder with mobilenet_v2.pt and resnet50.pt")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    load, missed = os.getloadavg()[0], 0
    print(f"load average {load:.1f}, {arguments.rounds} rounds\n")
    print(f"{'network':14} {'from':6} {'to':11} {'best s':>7} {'median s':>9} {'peak MB':>8} {'allowed':>8}")
    with tempfile.TemporaryDirectory(prefix="bakeoff-hops-") as text:
        folder = pathlib.Path(text)
        for name, source, targets in sources(arguments, folder):
            for target in targets:
                runs = [hop(arguments, source, target, folder) for _ in range(arguments.rounds)]
                seconds, peak = [run[0] for run in runs], max(run[1] for run in runs)
                allowed = TIMES * source.stat().st_size + MORE_BYTES
                wrong = statistics.median(seconds) >= SECONDS or peak >= allowed
                missed += wrong
                print(f"{name:14} {source.suffix[1:]:6} {target:11} {min(seconds):7.2f} {statistics.median(seconds):9.2f} {peak / 1e6:8.0f}"
                      f" {allowed / 1e6:8.0f}{'  MISSED' if wrong else ''}", flush=True)
    return 1 if missed and load < CALM else 0


if __name__ == "__main__":
    sys.exit(main())
