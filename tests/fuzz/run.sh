#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Runs each fuzz target of build/fuzz for FUZZ_SECONDS (60), or those named. What it finds is kept: build/fuzz/corpus, build/fuzz/found.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
seconds=${FUZZ_SECONDS:-60}
python3 tests/fuzz/make_seeds.py build/fuzz/seeds

targets=("$@")
[ ${#targets[@]} -gt 0 ] || for program in build/fuzz/bin/fuzz_*; do targets+=("${program##*/fuzz_}"); done
mkdir -p build/fuzz/found
# Most targets write each input to a file: in memory where that can be, ten times as many get their turn.
work=build/fuzz/work
if [ -w /dev/shm ]; then
  work=$(mktemp -d /dev/shm/bakeoff-fuzz-XXXXXX)
  trap 'rm -rf "$work"' EXIT
fi
status=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/corpus/$target" "$work/$target" build/fuzz/work "build/fuzz/seeds/$target"
  log=$root/build/fuzz/work/$target.log
  echo "fuzz: $target for $seconds s, from $(find "build/fuzz/seeds/$target" -type f | wc -l) seeds"
  # Limits: an input of some KiB must not take 10 s or 2 GiB. Sanitizers end the process at the first finding.
  if (cd "$work/$target" && UBSAN_OPTIONS=print_stacktrace=1 LSAN_OPTIONS=suppressions="$root/tests/fuzz/leaks.txt:print_suppressions=0" \
      "$root/build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -max_len=16384 \
      -print_final_stats=1 -artifact_prefix="$root/build/fuzz/found/$target-" \
      "$root/build/fuzz/corpus/$target" "$root/build/fuzz/seeds/$target") >"$log" 2>&1; then
    echo "fuzz: $target: $(grep -o 'number_of_executed_units: .*' "$log" | grep -o '[0-9]*') inputs, nothing found"
  else
    status=1
    echo "fuzz: $target FAILED; the end of $log:"
    grep -E 'ERROR|SUMMARY|runtime error|fuzz:|Test unit written|terminate|what\(\)|^ *#[0-9]+ .*bakeoff' "$log" | tail -n 25
  fi
done
exit $status
