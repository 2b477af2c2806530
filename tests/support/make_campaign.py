#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Makes a campaign folder as `bakeoff run` leaves one, by the same commands: what the tests of the report read.

With --engines of this machine it trains a small network and takes minutes; without, everything is measured on the engine `fake`
and takes seconds.
"""
import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

FORMATS = {"onnx": "model.onnx", "openvino": "model.xml", "savedmodel": "saved_model", "tflite": "model.tflite", "torchscript": "model.pt"}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Campaign:
    def __init__(self, program, out, env=None):
        self.program, self.out, self.env = program, pathlib.Path(out), env
        for folder in ("json", "log", "data"):
            (self.out / folder).mkdir(parents=True, exist_ok=True)
        self.began = time.monotonic_ns()
        self.state = {"schema": 1, "name": self.out.name, "status": "running", "created_at": now(), "updated_at": now(), "wall_ns": 0,
                      "tool": {"version": self.run("--version").stdout.split()[-1], "revision": None}, "host_overhead_ns": 0, "title": None,
                      "baseline": None, "steps": [], "previous": None, "warnings": []}

    def run(self, *words):
        return subprocess.run([self.program, *map(str, words)], text=True, capture_output=True, stdin=subprocess.DEVNULL, env=self.env, cwd=self.out.parent)

    def step(self, name, stage, title, *words, role=None, with_json=True, store=False):
        """One command of the tool, timed, with its output kept; the state of the step goes by its exit code."""
        words = [str(word) for word in words]
        if store:
            words += ["--store", str(self.out / "results.db"), "--name", name]
        if with_json:
            words += ["--json", str(self.out / "json" / f"{name}.json")]
        started, begin = now(), time.monotonic_ns()
        result = self.run(*words)
        (self.out / "log" / f"{name}.log").write_text(result.stdout + result.stderr)
        last = (result.stderr.strip().splitlines() or [""])[-1]
        campaign = None
        if store and (self.out / "results.db").exists():
            shown = self.run("runs", "show", name, "--store", self.out / "results.db", "--json")
            campaign = json.loads(shown.stdout)["campaign"]["id"] if shown.returncode == 0 else None
        written = (self.out / "json" / f"{name}.json").exists()
        self.state["steps"].append({
            "name": name, "stage": stage, "title": title, "command": ["bakeoff", *words], "status": "ok" if result.returncode == 0 else "failed", "started_at": started,
            "wall_ns": time.monotonic_ns() - begin, "exit_code": result.returncode,
            "error": None if result.returncode == 0 else {"code": "engine_failed", "text": last}, "json": f"json/{name}.json" if written else None,
            "log": f"log/{name}.log", "key": "", "role": role, "campaign": campaign})
        print(f"{name}: exit {result.returncode}, {(time.monotonic_ns() - begin) / 1e9:.1f} s {last if result.returncode else ''}", file=sys.stderr, flush=True)
        return result

    def finish(self):
        wall = time.monotonic_ns() - self.began
        self.state.update(status="done", updated_at=now(), wall_ns=wall, host_overhead_ns=wall - sum(step["wall_ns"] for step in self.state["steps"]))
        (self.out / "campaign.json").write_text(json.dumps(self.state, indent=1))


def of_fakes(campaign, model):
    """Two settings of `fake` that are the same thing, one that is slower, one that fails."""
    words = ["--engines", "fake", "--repeat", 3, "--no-affinity"]
    campaign.run("make-model", "mlp", model, "--seed", 1)
    campaign.step("measure", "measure", "Latency and throughput", "bench", model, *words, "-o", "fake.seed=1,2", "-o", "fake.median_us=200,500", "-o", "fake.wait=sleep", "--threads", "1,2",
                  "--batch", "1,2", "--count", 120, role="latency", store=True)
    campaign.step("failing", "measure", "An engine that fails", "bench", model, "--engines", "fake", "--repeat", 1, "-o", "fake.fail_at_load=engine_failed", "--count", 10, role="latency", store=True)
    campaign.step("offline", "measure", "Throughput", "bench", model, *words, "--scenario", "offline", "-o", "fake.median_us=200", "-o", "fake.wait=sleep", "--threads", 2, "--count", 200, role="offline", store=True)
    campaign.step("sizes", "measure", "Time over test size", "bench", model, *words, "--scenario", "dataset", "--test-size", "50,100,200", "-o", "fake.median_us=200", "-o", "fake.wait=sleep",
                  "--threads", 1, role="dataset", store=True)
    campaign.step("server", "measure", "Latency under load", "bench", model, *words, "--scenario", "server", "--qps", "1000,2000", "-o", "fake.median_us=200", "-o", "fake.wait=sleep", "--threads", 1,
                  "--count", 500, role="server", store=True)
    campaign.step("options", "measure", "What each option buys", "bench", model, *words, "--ablate", "-o", "fake.median_us=300,200", "-o", "fake.seed=1,2", "-o", "fake.wait=sleep", "--threads", 1,
                  "--count", 120, role="ablate", store=True)
    campaign.step("profile", "measure", "Time of each operator", "bench", model, "--engines", "fake", "--repeat", 1, "--no-affinity", "--profile", "-o", "fake.median_us=200,500", "-o", "fake.wait=sleep",
                  "--threads", 1, "--count", 60, role="profile", store=True)
    before = campaign.out / "before.db"
    campaign.run("bench", model, *words, "-o", "fake.seed=1,2", "-o", "fake.median_us=200,500", "-o", "fake.wait=sleep", "--threads", 1, "--batch", 1, "--count", 120, "--store", before, "--json", campaign.out / "before.json")
    campaign.run("compare", campaign.out / "before.json", campaign.out / "json" / "measure.json", "--metric", "p50", "--json", campaign.out / "json" / "changes.json")
    campaign.state["previous"] = {"json": "json/changes.json"}


def add_examples(campaign):
    """Steps that need more than `fake`, with results as those commands write them: a conversion, a comparison, two evaluations."""
    names = ["apple", "banana", "cherry </script>"]

    def add(name, stage, title, command, result):
        (campaign.out / "json" / f"{name}.json").write_text(json.dumps(result))
        campaign.state["steps"].append({"name": name, "stage": stage, "title": title, "command": command, "status": "ok", "started_at": now(), "wall_ns": 10**8, "exit_code": 0, "error": None,
                                        "json": f"json/{name}.json", "log": None, "key": "", "role": None, "campaign": None})

    add("convert", "convert", "Convert", ["bakeoff", "convert", "model", "--all"], {"schema": 1, "source": "model.pt", "notes": [], "rows": [
        {"format": "onnx", "route": ["torchscript", "onnx"], "status": "verified", "error": None, "max_abs": 2e-7, "centred_sqnr_db": 136.1, "steps": [{"convert_ns": 7e7}]},
        {"format": "tflite", "route": ["torchscript", "onnx", "tflite"], "status": "unsupported", "error": {"code": "unsupported", "text": "no hop for the operator Foo"}, "steps": []}]})
    add("verify", "verify", "Same answers", ["bakeoff", "verify", "model"], {"schema": 1, "reference": {"engine": "other", "model": "model.pt"}, "notes": [], "rows": [
        {"model": "model.pt", "format": "torchscript", "engine": "other", "status": "reference", "error": None, "reason": None},
        {"model": "model.onnx", "format": "onnx", "engine": "fake", "status": "agree", "error": None, "reason": None, "max_abs": 2e-7, "centred_sqnr_db": 136.1, "top1_agreement": 1.0}]})
    for engine, against in (("other", None), ("fake", {"file": "answers.jsonl", "pictures": 60, "both_right": 50, "only_this": 1, "only_other": 2, "both_wrong": 7, "difference": -1 / 60, "low": -0.09, "high": 0.05,
                                                       "p_value": 1.0, "verdict": "tie"})):
        add(f"evaluate-{engine}", "evaluate", f"Accuracy on {engine}", ["bakeoff", "eval", "model"], {
            "schema": 1, "engine": engine, "format": "onnx", "model": "model.onnx", "examples": 60, "top1": 51 / 60, "top5": None, "macro_f1": 0.84, "ece": 0.021, "against": against,
            "classes": [{"name": name, "examples": 20, "precision": 0.85, "recall": 0.85, "f1": 0.85} for name in names], "confusion": [[17, 3, 0], [2, 17, 1], [1, 2, 17]]})


def of_engines(campaign, engines, part, epochs):
    data, model = campaign.out / "data" / "fruits", campaign.out / "model"
    campaign.state["title"] = "Fruits, MobileNetV2"
    campaign.step("data", "data", "Draw the pictures", "data", "make", "fruits", "--out", data, "--seed", 11, "--part", part, with_json=False)
    campaign.step("train", "train", "Train MobileNetV2", "train", "--data", data, "--arch", "mobilenet_v2", "--out", model, "--seed", 3, "--epochs", epochs, "--image-size", 96, with_json=False)
    campaign.step("convert", "convert", "Convert to every format", "convert", model, "--all")
    campaign.step("verify", "verify", "Same answers everywhere", "verify", model, "--engines", ",".join(engines))
    for engine in engines:
        campaign.step(f"evaluate-{engine}", "evaluate", f"Accuracy on {engine}", "eval", model, "--data", data, "--engine", engine)
    every = ["--engines", ",".join(engines), "--repeat", 3]
    campaign.step("latency", "measure", "Latency and throughput", "bench", model, *every, "--threads", "1,2", "--batch", "1,16", "--duration", "0.7", role="latency", store=True)
    campaign.step("offline", "measure", "Offline throughput", "bench", model, *every, "--scenario", "offline", "--threads", 2, "--duration", "0.7", role="offline", store=True)
    campaign.step("sizes", "measure", "Time over test size", "bench", model, *every, "--scenario", "dataset", "--test-size", "50,100,200", "--threads", 2, "--input", data / "images" if (data / "images").exists() else data,
                  role="dataset", store=True)
    if "onnxruntime" in engines:
        campaign.step("options", "measure", "What the options of onnxruntime buy", "bench", model, "--engines", "onnxruntime", "--repeat", 3, "--ablate", "-o", "onnxruntime.graph_optimization=disable,all",
                      "-o", "onnxruntime.allow_spinning=false,true", "--duration", "0.7", "--threads", 2, role="ablate", store=True)
    if "torch" in engines:
        campaign.step("again", "measure", "Latency, measured again", "bench", model, *every, "--threads", "1,2", "--batch", "1,16", "--duration", "0.3", role=None, store=True)
        changes = campaign.out / "json" / "changes.json"
        campaign.run("compare", "latency", "again", "--metric", "p50", "--store", campaign.out / "results.db", "--json", changes)
        campaign.state["previous"] = {"json": "json/changes.json"}
        campaign.state["steps"] = [step for step in campaign.state["steps"] if step["name"] != "again"]
        campaign.state["baseline"] = {"engine": "torch", "options": {}, "label": "what the model was trained in: LibTorch"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=str(pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/bakeoff"))
    parser.add_argument("--engines", default="", help="a,b; without it: fake alone")
    parser.add_argument("--part", default="0.05")
    parser.add_argument("--epochs", default="2")
    parser.add_argument("out", help="the campaign folder to make")
    given = parser.parse_args()
    out = pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    campaign = Campaign(given.program, out)
    if given.engines:
        of_engines(campaign, given.engines.split(","), given.part, given.epochs)
    else:
        of_fakes(campaign, out / "mlp.onnx")
    campaign.finish()


if __name__ == "__main__":
    main()
