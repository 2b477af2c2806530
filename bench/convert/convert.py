#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Every model to every format, each pair by one `bakeoff convert` with its proof, beside the usual tools.

    V/bin/python bench/convert/make_models.py --into models
    W/bin/pip install --require-hashes -r bench/convert/onnx2tf.txt       in an environment W of its own, with Python 3.11
    python3 bench/convert/convert.py --models models --results pairs.jsonl --torch V/bin/python --onnx2tf W/bin/python

One line of JSON per pair goes to --results as soon as it is known; a pair that has one is not run again, so the table can be made in
pieces, and `--again` runs those again that were not right. A pair is right when the result was verified, refused when the refusal names
operator and node, and anything else has failed. Table and sums are of the whole file.

ONNX is made from TorchScript; the other formats from that ONNX file where it was verified, so that the first hop, which is the same
for all, is run and proven once. `--whole` starts each pair from TorchScript and proves the whole route too.

The tools get the same inputs: PyTorch's exporter (--torch) the same TorchScript, onnx2tf (--onnx2tf) the ONNX file that was verified,
from which our hops are timed beside it, both as whole processes without a proof. Whether a tool was right is told by peers.py.
Exits with 1 where a goal is missed: no pair failed, 95 % right, no tool right where ours is not, five times faster than onnx2tf.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TARGETS = {"onnx": "net.onnx", "openvino": "net.xml", "tflite": "net.tflite", "savedmodel": "net"}
RIGHT = ("verified", "weak")
SHAPE = "1x3x224x224"
LIMIT_S = 1800
# What a pair must reach to be right, for tools that do not judge themselves (docs/conversion.md).
LEAST_DB, MOST_REL = 90, 1e-4
RIGHT_SHARE, FASTER = 0.95, 5


def run(words):
    """Exit code, stdout, the end of stderr, seconds."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(list(map(str, words)), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        timer = threading.Timer(LIMIT_S, process.kill)
        timer.start()
        try:
            process.wait()
        finally:
            timer.cancel()
        seconds = time.perf_counter() - start
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode(errors="replace").strip())
    return process.returncode, texts[0], texts[1][-1500:], seconds


def convert(arguments, model, target, folder):
    """One pair by `bakeoff convert`, with the proof; what was written stays in `folder`."""
    report = folder / "report.json"
    words = [arguments.bin / "bakeoff", "convert", model, folder / TARGETS[target], "--to", target, "--seeds", arguments.seeds,
             "--timeout", "600s", "--json", report]
    # TorchScript names no shapes; from ONNX, a shape would fix what is free.
    code, _, stderr, seconds = run(words + (["--shape", SHAPE] if model.suffix == ".pt" else []))
    if not report.exists():
        return {"status": "failed", "text": stderr or f"exit code {code}", "seconds": seconds}
    told = json.loads(report.read_text())
    steps = told["rows"]
    last = steps[-1]
    row = {
        "status": last["status"],
        "text": (last["error"] or {}).get("text") or "",
        "route": [steps[0]["from"], *(step["to"] for step in steps)],
        "max_rel": last["max_rel"],
        "centred_sqnr_db": last["centred_sqnr_db"],
        "seconds": seconds,
        "convert_s": [step["convert_ns"] / 1e9 for step in steps if step["convert_ns"]],
        "above_loaded_bytes": max((step["peak_rss_bytes"] - step["rss_before_bytes"] for step in steps if step["peak_rss_bytes"]), default=None),
        "cases": [len((step["proof"] or {}).get("cases") or []) for step in steps],
        "notes": [note for step in steps for note in step["notes"] + ((step["proof"] or {}).get("notes") or [])] + told["notes"],
    }
    if (code == 0) != (row["status"] in RIGHT):
        row.update(status="failed", text=f"exit code {code} with the status {row['status']}")
    return row


def judged(code, stdout, stderr):
    """A tool's result from what its check printed."""
    if code:
        return {"status": "failed", "text": stderr}
    told = json.loads(stdout.splitlines()[-1])
    good = "text" not in told and told["centred_sqnr_db"] >= LEAST_DB and told["max_rel"] <= MOST_REL
    return {"status": "verified" if good else "mismatch", "text": "", **told}


def export(arguments, model, folder):
    """PyTorch's exporter, from the same file."""
    out = folder / "peer.onnx"
    words = [arguments.torch, HERE / "peers.py"]
    code, _, stderr, seconds = run([*words, "torch", model, out])
    if code:
        return {"status": "failed", "text": stderr, "seconds": seconds}
    code, stdout, stderr, _ = run([*words, "torch-check", model, out])
    return {**judged(code, stdout, stderr), "seconds": seconds}


def onnx2tf(arguments, onnx, folder):
    """Rows for both formats: it makes both at once. Our hops from the same file are timed beside it."""
    words = [arguments.onnx2tf, HERE / "peers.py"]
    made = folder / "onnx2tf"
    code, _, stderr, seconds = run([*words, "onnx2tf", onnx, made])
    rows = {}
    for target in ("tflite", "savedmodel"):
        ours_code, _, ours_stderr, ours = run([arguments.bin / "bakeoff", "convert", onnx, folder / f"timed_{TARGETS[target]}", "--to", target, "--no-verify"])
        rows[target] = {"seconds": seconds, "ours_s": ours if ours_code == 0 else None, "ours_text": ours_stderr if ours_code else ""}
        if code:
            rows[target].update(status="failed", text=stderr)
        else:
            rows[target].update(judged(*run([*words, "onnx2tf-check", onnx, made, target])[:3]))
    return rows


def group_of(row):
    if row["status"] in RIGHT:
        return "right"
    named = row["status"] == "unsupported" and re.search(r"\(nodes? '[^']", row["text"])
    return "refused" if named else "failed"


class Results:
    """Lines of a file; the last one of a pair counts."""

    def __init__(self, path):
        self.path = path
        self.rows = {}
        if path.exists():
            for line in path.read_text().splitlines():
                row = json.loads(line)
                self.rows[row["model"], row["target"], row["tool"]] = row

    def wanted(self, model, target, tool, again):
        row = self.rows.get((model, target, tool))
        return row is None or (again and group_of(row) != "right")

    def add(self, model, target, tool, row):
        row = {"model": model, "target": target, "tool": tool, **row, "load": os.getloadavg()[0]}
        self.rows[model, target, tool] = row
        with open(self.path, "a") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{model} {target} {tool}: {row['status']} {row['seconds']:.1f} s {' '.join(row['text'].split())[:300]}", flush=True)

    def of(self, tool):
        return [row for row in self.rows.values() if row["tool"] == tool]


def run_model(arguments, model, results):
    name = model.stem
    targets = [] if arguments.peers_only else arguments.targets
    wants = [target for target in targets if results.wanted(name, target, "bakeoff", arguments.again)]
    wants_export = arguments.torch and "onnx" in arguments.targets and results.wanted(name, "onnx", "torch", arguments.again)
    wants_onnx2tf = arguments.onnx2tf and any(results.wanted(name, target, "onnx2tf", arguments.again) for target in ("tflite", "savedmodel"))
    with tempfile.TemporaryDirectory(prefix="bakeoff-convert-", dir=arguments.scratch) as text:
        folder = pathlib.Path(text)
        onnx = folder / TARGETS["onnx"]
        for target in wants:
            source = onnx if onnx.exists() and not arguments.whole else model
            results.add(name, target, "bakeoff", convert(arguments, source, target, folder))
        if wants_export:
            results.add(name, "onnx", "torch", export(arguments, model, folder))
        if wants_onnx2tf:
            if not onnx.exists():
                run([arguments.bin / "bakeoff", "convert", model, onnx, "--shape", SHAPE, "--no-verify"])
            for target, row in onnx2tf(arguments, onnx, folder).items():
                results.add(name, target, "onnx2tf", row)


def percent(part, whole):
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "0 of 0"


def show(results):
    """The table, the sums, and whether the goals were met."""
    rows = results.of("bakeoff")
    if not rows:
        print("no pair has been converted")
        return False
    print(f"\n{'model':24} {'target':11} {'answer':11} {'dB':>6} {'max rel':>8} {'s':>6} {'of it hops':>10} {'MB above load':>13}")
    for row in rows:
        db, rel, above = row.get("centred_sqnr_db"), row.get("max_rel"), row.get("above_loaded_bytes")
        print(f"{row['model']:24} {row['target']:11} {group_of(row):11} {'' if db is None else format(db, '6.1f'):>6} {'' if rel is None else format(rel, '8.1e'):>8}"
              f" {row['seconds']:6.1f} {sum(row.get('convert_s', [])):10.2f} {'' if not above else format(above / 1e6, '13.0f'):>13}")
        if group_of(row) != "right":
            print(f"    {row['status']}: {' '.join(row['text'].split())[:400]}")
    counts = {group: sum(group_of(row) == group for row in rows) for group in ("right", "refused", "failed")}
    print(f"\nright {percent(counts['right'], len(rows))} + refused {counts['refused']} + failed {counts['failed']} = all {len(rows)};"
          f" weak proofs among the right: {sum(row['status'] == 'weak' for row in rows)}")
    for target in TARGETS:
        its = [row for row in rows if row["target"] == target]
        if its:
            print(f"  {target:11} right {percent(sum(group_of(row) == 'right' for row in its), len(its))},"
                  f" lowest {min((row.get('centred_sqnr_db') or 999 for row in its if group_of(row) == 'right'), default=0):.1f} dB")
    good = counts["failed"] == 0 and counts["right"] >= RIGHT_SHARE * len(rows)
    for tool in ("torch", "onnx2tf"):
        good &= show_tool(results, tool)
    return good


def show_tool(results, tool):
    theirs = results.of(tool)
    if not theirs:
        return True
    print(f"\n{tool}: right {percent(sum(group_of(row) == 'right' for row in theirs), len(theirs))}")
    for row in theirs:
        if group_of(row) != "right":
            text = row["text"].strip().splitlines()
            print(f"  {row['model']:24} {row['target']:11} {row['status']} {row.get('centred_sqnr_db') or ''} {text[-1][:200] if text else ''}")
    ours = results.rows
    better = [row for row in theirs if group_of(row) == "right" and group_of(ours.get((row["model"], row["target"], "bakeoff"), {"status": "none"})) != "right"]
    for row in better:
        print(f"  {row['model']} {row['target']}: it is right where ours is not")
    times = [row["seconds"] / row["ours_s"] for row in theirs if row.get("ours_s")]
    if times:
        print(f"  its time by ours, whole processes from the same file: {min(times):.1f} to {max(times):.1f} times, median {statistics.median(times):.1f}")
    return not better and all(ratio >= FASTER for ratio in times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parents[1] / "build/release/bin")
    parser.add_argument("--models", type=pathlib.Path, help="folder of .pt files; without it only the table is printed")
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--names", help="some of the models, with commas")
    parser.add_argument("--targets", default=",".join(TARGETS), type=lambda text: text.split(","))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="every pair from TorchScript")
    parser.add_argument("--again", action="store_true", help="also pairs that were not right")
    parser.add_argument("--torch", type=pathlib.Path, help="an interpreter with torch, onnx and onnxruntime")
    parser.add_argument("--peers-only", action="store_true", help="only what the tools make")
    parser.add_argument("--onnx2tf", type=pathlib.Path, help="an interpreter with onnx2tf")
    parser.add_argument("--scratch", help="folder for what is written meanwhile")
    arguments = parser.parse_args()
    if unknown := set(arguments.targets) - set(TARGETS):
        sys.exit(f"--targets: {', '.join(sorted(unknown))}: known are {', '.join(TARGETS)}")
    results = Results(arguments.results)
    if arguments.models:
        names = arguments.names.split(",") if arguments.names else sorted(path.stem for path in arguments.models.glob("*.pt"))
        for name in names:
            model = arguments.models / f"{name}.pt"
            if not model.exists():
                sys.exit(f"{model}: no such file; make_models.py makes it")
            run_model(arguments, model, results)
    return 0 if show(results) else 1


if __name__ == "__main__":
    sys.exit(main())
