#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Does `bakeoff eval` keep every core busy: its pictures per second beside the engine's own offline throughput, on 224x224 JPEGs.

Three rates, in turns, round by round; medians of the rounds' ratios are told:
  offline   `bakeoff bench --scenario offline` of the same model, engine, threads and batch: the engine alone
  decoding  `bakeoff data info` of the pictures, on all cores: reading and decoding alone
  eval      `bakeoff eval`
Both last rates are slopes between two sizes of the data, so that starting and loading do not count. The cores do the work of both: what can be
had at best is 1 / (1 / offline + 1 / decoding), the bound. The goal is 0.9 of offline or, where decoding is the bound, 0.9 of that.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

GOAL = 0.9
CLASSES = 10


def result(words):
    """The JSON of a command that must succeed."""
    done = subprocess.run([*map(str, words), "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


class Rates:
    def __init__(self, arguments, folder):
        self.tool, self.arguments = arguments.bin / "bakeoff", arguments
        self.sizes = (arguments.pictures // 4, arguments.pictures)
        self.data = []
        for size in self.sizes:
            self.data.append(folder / f"data{size}")
            subprocess.run([arguments.bin / "bakeoff-bench-loader", "--make", self.data[-1], "--pictures", str(size), "--side", "224"], check=True)
        self.classes = folder / "classes.txt"
        self.classes.write_text("".join(f"class{i}\n" for i in range(CLASSES)))
        self.fixed = ["--threads", arguments.threads, "--batch", arguments.batch]

    def offline(self, model, engine):
        runs = result([self.tool, "bench", model, "--engines", engine, "--scenario", "offline", *self.fixed, "--duration", self.arguments.duration, "--repeat", 1, "--no-store"])["runs"]
        return runs[0]["throughput_per_s"]

    def evaluating(self, model, engine):
        seconds = [result([self.tool, "eval", model, "--data", data, "--split", "all", "--engine", engine, "--classes", self.classes, *self.fixed])["wall_ns"] / 1e9 for data in self.data]
        return (self.sizes[1] - self.sizes[0]) / (seconds[1] - seconds[0])

    def decoding(self):
        seconds = []
        for data in self.data:
            began = time.perf_counter()
            result([self.tool, "data", "info", data, "--workers", self.arguments.threads])
            seconds.append(time.perf_counter() - began)
        return (self.sizes[1] - self.sizes[0]) / (seconds[1] - seconds[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/release/bin")
    parser.add_argument("--engine", default="onnxruntime")
    parser.add_argument("--networks", default="mobilenet_v2,resnet18")
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", default=str(len(os.sched_getaffinity(0))))
    parser.add_argument("--batch", default="32")
    parser.add_argument("--duration", default="4s")
    arguments = parser.parse_args()
    print(f"{arguments.engine}, {arguments.threads} threads, batch {arguments.batch}, {arguments.pictures} pictures, {arguments.rounds} rounds; load average {os.getloadavg()[0]:.1f}\n")
    print(f"{'network':14} {'offline':>9} {'decoding':>9} {'eval':>9} {'of offline':>10} {'of bound':>9}")
    good = True
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rates = Rates(arguments, folder)
        for network in arguments.networks.split(","):
            model = folder / f"{network}.onnx"
            subprocess.run([arguments.bin / "bakeoff", "make-model", network, model, "--image-size", "224", "--classes", str(CLASSES), "--seed", "1"], check=True, capture_output=True)
            rounds = [(rates.offline(model, arguments.engine), rates.decoding(), rates.evaluating(model, arguments.engine)) for _ in range(arguments.rounds)]
            of_offline = statistics.median(ours / offline for offline, _, ours in rounds)
            of_bound = statistics.median(ours * (1 / offline + 1 / decoding) for offline, decoding, ours in rounds)
            reached = of_offline >= GOAL or of_bound >= GOAL
            good = good and reached
            offline, decoding, ours = (statistics.median(column) for column in zip(*rounds))
            print(f"{network:14} {offline:7.1f}/s {decoding:7.1f}/s {ours:7.1f}/s {of_offline:10.3f} {of_bound:9.3f}{'' if reached else '  TOO SLOW'}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
