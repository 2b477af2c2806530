#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# The main job of `make demo`: the campaign of examples/demo.yaml. With BAKEOFF_DEMO_SECONDS a short one for CI: a part of the pictures,
# a few epochs, and timed parts of so many seconds.
set -euo pipefail
cd "$(dirname "$0")/.."
bakeoff=build/release/bin/bakeoff
out=${1:-build/demo}
campaign=examples/demo.yaml

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

if [ -n "${BAKEOFF_DEMO_SECONDS:-}" ]; then
  out=${1:-build/demo-short}
  mkdir -p build
  campaign=build/demo-short.yaml
  cat >"$campaign" <<EOF
name: demo-short
title: The short demo of CI
data: {make: fruits, seed: 11, part: 0.1}
train: {arch: mobilenet_v2, seed: 3, epochs: 2}
verify: {seeds: 1}
evaluate: {split: test}
measure:
  threads: 2
  batch: 1
  repeat: 1
  duration: ${BAKEOFF_DEMO_SECONDS}s
  warmup: 200ms
EOF
fi

say "Engines on this machine"
"$bakeoff" engines

say "The campaign $campaign in $out: the same command goes on where it was stopped"
code=0
"$bakeoff" run "$campaign" --out "$out" || code=$?
# 3: some engine or format failed, which the table and the report say; the demo itself was carried out.
[ "$code" -eq 3 ] && [ -s "$out/json/latency.json" ] && code=0

say "Your own model: $bakeoff bench MODEL.onnx; your own data: docs/campaigns.md"
exit "$code"
