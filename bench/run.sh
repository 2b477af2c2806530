#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Runs every benchmark that this build has and prints the machine's load beside each: ratios are what to read (bench/README.md).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
bin=build/release/bin
status=0
models=$(mktemp -d) || exit 3
trap 'rm -rf "$models"' EXIT

run() {  # run NAME COMMAND...
  printf '\n== %s  (load average %s)\n' "$1" "$(cut -d' ' -f1-3 /proc/loadavg)"
  "${@:2}" || status=1
}

# The interpreter of a baseline in Python, from its launcher.
python_of() {
  [ -f "$bin/bakeoff-engine-$1" ] && sed -n "s/.*exec '\([^']*\)'.*/\1/p" "$bin/bakeoff-engine-$1"
}

for benchmark in "$bin"/bakeoff-bench-*; do
  [ -x "$benchmark" ] || continue
  case "$benchmark" in *bakeoff-bench-bare-*) continue ;; esac  # started by others
  run "${benchmark##*/bakeoff-bench-}" "$benchmark"
done

# Engines that do not read ONNX: the same network in their formats, written by the frameworks' own Python.
words=() engines=()
while read -r baseline formats readers; do
  python=$(python_of "$baseline") || { printf '\noverhead of %s: left out, the engine %s is not built\n' "$readers" "$baseline"; continue; }
  # shellcheck disable=SC2086  # several formats
  if written=$("$python" bench/overhead/make_models.py ${formats//,/ } --into "$models" 2>"$models/stderr" | grep "^--model "); then
    # shellcheck disable=SC2206  # lines of `--model FORMAT=FILE`
    words+=($written)
    engines+=("$readers")
  else
    tail -5 "$models/stderr" >&2
    status=1
  fi
done <<'END'
keras tflite,savedmodel,keras litert,tensorflow,keras
torch-eager torchscript,exported torch,torch-eager
END
if [ ${#engines[@]} -gt 0 ]; then
  run 'overhead, formats other than ONNX' "$bin/bakeoff-bench-overhead" --malloc steady --network mobilenet_v2 --engines "$(IFS=,; echo "${engines[*]}")" "${words[@]}"
fi

run 'describe' python3 bench/describe/describe.py --bin "$bin"
if [ -x "$bin/bakeoff-train" ]; then
  run 'training, from data to accuracy' python3 bench/train/acceptance.py --bin "$bin"
fi
run 'startup' python3 bench/startup/startup.py --bin "$bin"
run 'evaluation' python3 bench/evaluate/evaluate.py --bin "$bin"
run 'verdicts' python3 bench/aa/aa.py --bin "$bin"
run 'hops of conversion' python3 bench/convert/hops.py --bin "$bin"  # the whole table takes an hour: bench/convert/convert.py
exit $status
