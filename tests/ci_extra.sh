#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# What CI does besides `make test`: unit and failure tests of host, worker and test engines with the address and
# undefined-behaviour sanitizers, and the demo (README's first command).
set -euo pipefail
cd "$(dirname "$0")/.."
export BAKEOFF_DEMO_SECONDS=${BAKEOFF_DEMO_SECONDS:-0.5}

make demo
test -s build/demo/bench.json

cmake --preset asan-ubsan
cmake --build --preset asan-ubsan
ctest --preset asan-ubsan -j 2 -LE slow
