#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Where the time of one `bakeoff bench MODEL.. --threads 1,2` goes, and what is not measuring.

Measuring is warm-up, the timed part and the pass for memory growth that follows it, whose time no record has: it is taken as its
inferences by the time of one. What an engine needs to load the model and for its first inference is told apart from the rest: worker
processes that start and load their libraries, the reference's answers, comparing, the host itself. The goal: all that is not
measuring takes less than a tenth of the whole, without TensorFlow and Keras, whose libraries alone take seconds to load.

Engines that do not read the model get the same network in their own format, by `bakeoff convert` beforehand: what is counted is one
`bakeoff bench` of all files. A TorchScript file in --model (bench/convert/make_models.py makes some) serves torch too. With five
engines and the default settings it takes two to three minutes; `-- --duration 2` is quicker and shows larger shares.
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
LEFT_OUT = ("tensorflow", "keras")
SHAPE = "1x3x224x224"
PARTS = {"wall_ns": "timed", "warmup_ns": "warm-up", "growth_ns": "memory", "load_ns": "load", "first_inference_ns": "first"}


def formats_of_engines(arguments):
    """The formats of each engine that is present and wanted."""
    done = subprocess.run([arguments.bin / "bakeoff", "engines", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    wanted = arguments.engines.split(",") if arguments.engines else None
    return {engine["name"]: engine["formats"] for engine in json.loads(done.stdout)["engines"]
            if engine["status"] == "present" and not engine["for_testing"] and (engine["name"] in wanted if wanted else engine["name"] not in LEFT_OUT)}


def convert(arguments, source, target):
    words = [arguments.bin / "bakeoff", "convert", source, target, "--no-verify"] + (["--shape", SHAPE] if source.suffix == ".pt" else [])
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return target


def files_for(arguments, engines, folder):
    """The network in as few formats as serve the engines: {format: file}. Files of one name are one network to `bench`."""
    if arguments.model:
        given = folder / arguments.model.name
        given.symlink_to(arguments.model.resolve())
    else:
        given = folder / "resnet50.onnx"
        subprocess.run([arguments.bin / "bakeoff", "make-model", "resnet50", given], check=True, stdout=subprocess.DEVNULL)
    files = {"onnx": given if given.suffix == ".onnx" else convert(arguments, given, given.with_suffix(".onnx"))}

    def unserved(format_name):
        return [name for name, formats in engines.items() if format_name in formats and not files.keys() & set(formats)]

    if given.suffix == ".pt" and unserved("torchscript"):
        files["torchscript"] = given
    if unserved("tflite"):
        files["tflite"] = convert(arguments, files["onnx"], given.with_suffix(".tflite"))
    for name in [name for name, formats in engines.items() if not files.keys() & set(formats)]:
        print(f"left out: {name}: no file here is in a format that it reads ({', '.join(engines.pop(name))})")
    return files


def cpu_seconds(pid, before):
    """CPU time of this process without its children, or what was known `before` once it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return before
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(arguments, engines, files, folder):
    """The runs of one campaign, its wall time and the host's own CPU time, in seconds."""
    result, words = folder / "result.json", [arguments.bin / "bakeoff", "bench", *files.values(), "--engines", ",".join(engines), "--threads", "1,2", "--no-convert"]
    # What comes from TorchScript may leave height and width free.
    words += ["--shape", SHAPE] if arguments.model and arguments.model.suffix == ".pt" else []
    words += ["--repeat", str(arguments.repeat), "--json", result, *arguments.more]
    host_cpu, errors = 0.0, folder / "stderr"
    with open(errors, "wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)
        while process.poll() is None:
            host_cpu = cpu_seconds(process.pid, host_cpu)
            if time.perf_counter() - start > arguments.timeout:
                process.kill()
                sys.exit(f"no end after {arguments.timeout} s: fewer --engines, `-- --duration 2`, or a longer --timeout")
            time.sleep(0.02)
        took = time.perf_counter() - start
    if not result.exists():
        sys.exit(f"{' '.join(map(str, words))}: exit code {process.returncode}: {errors.read_text(errors='replace').strip()[-500:]}")
    return json.loads(result.read_text())["runs"], took, host_cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/release/bin")
    parser.add_argument("--model", type=pathlib.Path, help="an ONNX or TorchScript file instead of a ResNet-50 written for this run")
    parser.add_argument("--engines", help="names with commas; without it all but " + " and ".join(LEFT_OUT))
    parser.add_argument("--repeat", type=int, default=1, help="more repetitions share the reference: 1 is the worst case")
    parser.add_argument("--timeout", type=float, default=900, help="seconds after which the campaign is given up")
    parser.add_argument("more", nargs="*", help="after --: further options of `bakeoff bench`")
    arguments = parser.parse_args()
    engines = formats_of_engines(arguments)
    with tempfile.TemporaryDirectory(prefix="bakeoff-startup-") as text:
        folder = pathlib.Path(text)
        files = files_for(arguments, engines, folder)
        if not engines:
            print("left out: no engine that reads one of these formats was built")
            return 0
        load = os.getloadavg()[0]
        runs, total, host_cpu = run(arguments, engines, files, folder)
    for row in runs:
        if row["status"] not in ("ok", "unsupported", "skipped"):
            sys.exit(f"{row['engine']}, {row['threads']} threads: {row['status']}: {row.get('error')}")
    ok = [row for row in runs if row["status"] == "ok"]
    if not ok:
        sys.exit("no engine measured the model")

    print(f"{files['onnx'].stem} as {', '.join(files)}: {len(ok)} measured runs, load average {load:.1f}; seconds, and percent of the whole\n")
    print(f"{'engine':12} {'runs':>4}" + "".join(f" {name:>8}" for name in PARTS.values()))
    sums = dict.fromkeys(PARTS, 0.0)
    for row in ok:
        row["growth_ns"] = (row["memory"]["growth_inferences"] or 0) * row["wall_ns"] / row["samples"]
    for engine in sorted({row["engine"] for row in ok}):
        rows = [row for row in ok if row["engine"] == engine]
        its = {part: sum(row[part] or 0 for row in rows) / 1e9 for part in PARTS}
        for part in PARTS:
            sums[part] += its[part]
        print(f"{engine:12} {len(rows):4}" + "".join(f" {its[part]:8.2f}" for part in PARTS))
    rest = total - sum(sums.values())
    print()
    measuring = sums["wall_ns"] + sums["warmup_ns"] + sums["growth_ns"]
    for name, seconds in (("measuring", measuring), ("load", sums["load_ns"]), ("first inference", sums["first_inference_ns"]),
                          ("starts, reference, checks, host", rest), ("whole", total)):
        print(f"{name:32} {seconds:7.2f} {seconds / total:7.1%}")
    share = 1 - measuring / total
    print(f"\nnot measuring: {share:.1%} of the whole (goal: below {LIMIT:.0%}){'' if share < LIMIT else '  ABOVE THE GOAL'};"
          f" the host process itself used {host_cpu:.2f} s of CPU")
    return 0 if share < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
