#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Runs every benchmark that this build has and prints the machine's load beside each: ratios are what to read.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
bin=build/release/bin
status=0
for benchmark in "$bin"/bakeoff-bench-*; do
  [ -x "$benchmark" ] || continue
  case "$benchmark" in *bakeoff-bench-bare-*) continue ;; esac  # started by others
  printf '\n== %s  (load average %s)\n' "${benchmark##*/bakeoff-bench-}" "$(cut -d' ' -f1-3 /proc/loadavg)"
  "$benchmark" || status=1
done
exit $status
