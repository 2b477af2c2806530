#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The main line of training, with the default recipe and nothing else, and its time:

    bakeoff data make fruits --out F --seed 11 && bakeoff train --data F --arch mobilenet_v2 --out M --seed 3 && bakeoff eval M --data F --split test --json

The goals: drawing below 30 s, training below 4 minutes on 2 cores, test top-1 of 0.95 or better. Exits with 1 where one is missed and the
load average says that the machine was calm enough to tell.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

MAKE_S, TRAIN_S, TOP1 = 30, 240, 0.95
CORES = 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for data and model instead of one that goes away")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        data, model = folder / "fruits", folder / "model"

        def step(*words):
            before = time.monotonic()
            done = subprocess.run([arguments.bin / "bakeoff", *map(str, words)], stdout=subprocess.PIPE, text=True, check=True)
            return time.monotonic() - before, done.stdout

        load = os.getloadavg()[0]
        print(f"{len(cores)} cores, load average {load:.1f} before", flush=True)
        make_s, _ = step("data", "make", "fruits", "--out", data, "--seed", "11")
        print(f"data make {make_s:.1f} s (goal: below {MAKE_S})", flush=True)
        train_s, _ = step("train", "--data", data, "--arch", "mobilenet_v2", "--out", model, "--seed", "3")
        print(f"train {train_s:.1f} s (goal: below {TRAIN_S}), load average {os.getloadavg()[0]:.1f} after", flush=True)
        eval_s, text = step("eval", model, "--data", data, "--split", "test", "--json")
        told = json.loads(text)
        print(f"eval {eval_s:.1f} s on {told['engine']}: top-1 {told['top1']:.4f} of {told['examples']} pictures (goal: {TOP1}), macro F1 {told['macro_f1']:.4f}")
        epochs = [json.loads(line) for line in (model / "log.jsonl").read_text().splitlines()]
        rates = sorted(epoch["images_per_s"] for epoch in epochs)
        print(f"{len(epochs)} epochs, {rates[0]:.0f} to {rates[-1]:.0f} images/s, waiting for data {100 * max(epoch['waiting_share'] for epoch in epochs):.1f} % at most")
    slow = [name for name, took, goal in (("data make", make_s, MAKE_S), ("train", train_s, TRAIN_S)) if took >= goal]
    if slow and load > 1:
        print(f"{', '.join(slow)}: too slow, but at this load that says little")
        slow = []
    return 1 if slow or told["top1"] < TOP1 else 0


if __name__ == "__main__":
    sys.exit(main())
