// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the host asks a scenario to do, read from the `plan` of a `measure` request.
#pragma once

#include <cstdint>
#include <string>

#include "bakeoff/json.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {

struct WarmupPlan {
  int64_t min_runs = 10;
  int64_t max_runs = 100'000;
  int64_t min_ns = 20'000'000;  // max_ns, where that is shorter
  int64_t max_ns = 5'000'000'000;
};

struct Plan {
  std::string scenario;
  LoopLimits limits;
  WarmupPlan warmup;
  int64_t max_samples = int64_t{1} << 22;
  int64_t progress_ns = 200'000'000;  // 0: none
  int64_t samples_per_query = 1;      // of multi-stream
  Json whole;                         // what the host sent: a scenario may have fields of its own
};

// Throws Error{kUsage} naming the field that is missing, of the wrong type or out of range.
Plan PlanFromJson(const Json& json);

}  // namespace bakeoff::worker
