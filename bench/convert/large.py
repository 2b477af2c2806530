#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""A network of more than 2 GB through the hops, by hand: it needs 12 GB of disk and 15 GB of memory for some minutes.

    V/bin/python bench/convert/large.py --bakeoff build/release/bin/bakeoff --folder big

V has torch. Two layers of 16384 times 17408 weights in f32 (2.28 GB) become ONNX with external data, from that OpenVINO IR and TFLite with f16 weights,
each verified; TFLite and SavedModel with f32 weights are refused by name. Exits with 1 where one of these ended otherwise.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

ROWS, COLUMNS = 16384, 17408


def make(path):
    import torch

    torch.manual_seed(1)
    with torch.no_grad():
        wide, narrow = torch.nn.Linear(ROWS, COLUMNS), torch.nn.Linear(COLUMNS, ROWS)
        # The default range would leave outputs that hardly vary behind the second layer.
        for layer in (wide, narrow):
            layer.weight.mul_(3)
        program = torch.jit.trace(torch.nn.Sequential(wide, torch.nn.ReLU(), narrow).eval(), torch.zeros(1, ROWS))
        program.save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bakeoff", default="build/release/bin/bakeoff")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    source = options.folder / "big.pt"
    if not source.exists():
        make(source)
    steps = [
        ("big.pt", "big.onnx", ["--shape", f"1x{ROWS}"], 0, ""),
        ("big.onnx", "big.xml", [], 0, ""),
        ("big.onnx", "half.tflite", ["--precision", "f16"], 0, ""),
        ("big.onnx", "big.tflite", ["--no-verify"], 3, "a TFLite file holds less than 2 GB"),
        ("big.onnx", "big", ["--to", "savedmodel", "--no-verify"], 3, "a SavedModel's graph holds less than 2 GB"),
    ]
    wrong = 0
    for start, end, words, code, says in steps:
        begin = time.perf_counter()
        done = subprocess.run(
            [options.bakeoff, "convert", options.folder / start, options.folder / end, "--seeds", "1", "--force", "--json", options.folder / "out.json", *words],
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - begin
        text = re.sub(r"\s+", " ", done.stdout + done.stderr)
        good = done.returncode == code and says in text
        wrong += not good
        (row, *_) = json.loads((options.folder / "out.json").read_text())["rows"]
        peak = (row["peak_rss_bytes"] or 0) / 1e9
        told = f"SQNR {row['centred_sqnr_db']:.1f} dB, hop {row['convert_ns'] / 1e9:.1f} s, peak {peak:.1f} GB" if code == 0 and good else text[-400:]
        print(f"{start} -> {end}: exit {done.returncode}, {seconds:.0f} s, {'as it should be' if good else 'WRONG'}: {told}", flush=True)
    data = options.folder / "big.onnx.data"
    print(f"big.onnx.data: {data.stat().st_size if data.exists() else 0} bytes")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
