#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# What CI does besides `make test`: the demo, README's first command. The sanitizer presets are run by `make check`.
set -euo pipefail
cd "$(dirname "$0")/.."
export BAKEOFF_DEMO_SECONDS=${BAKEOFF_DEMO_SECONDS:-0.5}

make demo
test -s build/demo/bench.json
