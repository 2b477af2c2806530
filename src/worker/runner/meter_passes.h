// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Passes after the timed part: memory while inferences go on, and energy. Nothing of them is in a latency.
#pragma once

#include <span>

#include "bakeoff/json.h"
#include "bakeoff/meter.h"
#include "worker/runner/plan.h"
#include "worker/runner/scenario.h"

namespace bakeoff::worker {

// {"pss_bytes", "uss_bytes", ..} of this process now; null where the kernel does not tell.
Json MemoryUseJson();

// Readings by name: {"value", "unit", "source"}, or {"value": null, "reason"}.
Json ReadingsJson(const std::vector<Reading>& readings);

// Growth of `bytes` over `runs` (strictly ascending): Theil and Sen's slope with its 99 % interval, the largest
// change between two readings left out. {"bytes_per_run", "low", "high", "runs"}; {"reason"} where there are fewer than
// 12 readings, or where the slope is not that of both halves.
Json GrowthOf(std::span<const double> runs, std::span<const double> bytes);

// Growth of anonymous memory per inference: runs for about `budget_ns` in 20 parts and looks after each. GrowthOf()
// them; {"reason"} where memory cannot be read or a cancel ended it.
Json MemoryGrowth(Scene& scene, int64_t budget_ns);

// `energy` of a plan: {"window_ns": n, "power_command": "..."}; absent: no pass. Reads every source over an idle
// window, then over as long a window of the same scenario. Result: {"idle_s", "load_s", "runs", "sources": [{"kind",
// "covers", "readings": [{"name", "idle_w", "load_w", "load_j", "net_j", "source"} or {"name", "reason"}]}]};
// {"reason"} where a cancel ended it.
Json MeasureEnergy(const Plan& plan, Scene& scene);

}  // namespace bakeoff::worker
