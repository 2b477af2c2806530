// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Warm-up until the run times have become steady, within limits.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "worker/runner/plan.h"

namespace bakeoff::worker {

struct WarmupResult {
  int64_t runs = 0;
  int64_t wall_ns = 0;
  bool steady = false;  // false: a limit ended it first
  bool cancelled = false;
};

// Runs some inferences within the limits and returns how it ended; appends their times in order.
using WarmupLoop = std::function<LoopResult(LoopLimits limits, std::vector<int64_t>& times)>;

// Steady: of all runs so far, the median of the last quarter is within 2 % (at least 50 ns) of the median of the
// quarter before. The test follows the run times themselves and looks at ever larger windows, so that a slow ramp
// (frequency, caches, lazy compilation, memory pools) is seen where two fixed windows would lie on the same slope. It
// needs at least 8 runs.
bool IsSteady(std::span<const int64_t> times);

// At least min_runs and min_ns, at most max_runs; then until IsSteady() or max_ns, asked each time the number of runs
// has grown by a quarter.
WarmupResult WarmUp(const WarmupPlan& plan, const WarmupLoop& loop);

}  // namespace bakeoff::worker
