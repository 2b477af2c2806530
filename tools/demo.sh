#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# The main job of `make demo`: writes two models with random weights and measures them on every engine present.
set -euo pipefail
cd "$(dirname "$0")/.."
bakeoff=build/release/bin/bakeoff
out=${1:-build/demo}
mkdir -p "$out"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

say "Engines on this machine"
"$bakeoff" engines

say "Models"
for model in resnet18 mobilenet_v2; do
  "$bakeoff" make-model "$model" "$out/$model.onnx" --seed 1 --force
  "$bakeoff" inspect "$out/$model.onnx"
done

say "Do the engines agree?"
for model in resnet18 mobilenet_v2; do
  "$bakeoff" verify "$out/$model.onnx"
done

say "Which engine is fastest here?"
"$bakeoff" bench "$out/resnet18.onnx" "$out/mobilenet_v2.onnx" --threads 1,2 --duration "${BAKEOFF_DEMO_SECONDS:-3}" --repeat 3 --seed 1 --store "$out/runs.db" \
  --json "$out/bench.json" --csv "$out/bench.csv" --markdown "$out/bench.md"

say "Results: $out/bench.json, $out/bench.csv, $out/bench.md"
say "Your own model: $bakeoff bench MODEL.onnx"
