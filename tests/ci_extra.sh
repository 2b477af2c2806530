#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# What CI does besides `make test`: the demo, README's first command; and host, worker library and `fake` under the address and
# undefined-behaviour sanitizers. The whole of both sanitizer presets is run by `make check`.
set -euo pipefail
cd "$(dirname "$0")/.."
export BAKEOFF_DEMO_SECONDS=${BAKEOFF_DEMO_SECONDS:-0.5}

make demo
test -s build/demo-short/json/latency.json

cmake --preset asan-ubsan
cmake --build --preset asan-ubsan --target bakeoff-engine-null bakeoff-engine-fake host_test runner_test
ctest --preset asan-ubsan -j "$(nproc)" -L '^(host_test|runner_test)$'
