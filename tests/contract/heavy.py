#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Makes ResNet-18 in every format that an engine of this build reads, for the contract suite: its threads must have work.

heavy.py FOLDER [HEAVY_FOLDER_PROGRAM]; BAKEOFF_BIN and BAKEOFF_SOURCE are set. Files that are there are kept: remove the folder to have them made anew.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

BIN, SOURCE = pathlib.Path(os.environ["BAKEOFF_BIN"]), pathlib.Path(os.environ["BAKEOFF_SOURCE"])


def run(*words):
    done = subprocess.run(list(map(str, words)), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}: exit code {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")


def made(path, make):
    """Makes `path` unless it is there; what is half-made never has that name."""
    if path.exists():
        return
    part = path.with_name(f"part-{os.getpid()}-{path.name}")
    make(part)
    part.rename(path)
    for record in path.parent.glob(f"{part.name}.*"):
        record.unlink()


def main():
    folder = pathlib.Path(sys.argv[1])
    program = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    folder.mkdir(parents=True, exist_ok=True)
    onnx = folder / "resnet18.onnx"
    made(onnx, lambda part: run(BIN / "bakeoff", "make-model", "resnet18", part))
    for hop, target in (("onnx-tflite", "tflite"), ("onnx-savedmodel", "savedmodel")):
        if (BIN / f"bakeoff-hop-{hop}").exists():
            # Right answers are not the question here, and the proof would load every engine.
            made(folder / f"resnet18.{target}", lambda part, to=target: run(BIN / "bakeoff", "convert", onnx, part, "--to", to, "--no-verify"))
    if program:
        made(folder / "resnet18.folder", lambda part: run(program, part))
        made(folder / "resnet18.pt", lambda part: shutil.copyfile(folder / "resnet18.folder/model.pt", part))
    launcher = BIN / "bakeoff-engine-keras"
    if launcher.exists():
        python = re.search(r"exec '([^']*)'", launcher.read_text()).group(1)
        made(folder / "resnet18.keras", lambda part: run(python, SOURCE / "tests/fixtures/heavy.py", part))


if __name__ == "__main__":
    main()
