// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// When queries come in an open loop: decided before anything is timed, and never by how fast they are answered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {

struct Arrivals {
  // Nanoseconds after the begin, ascending; the first may be 0.
  std::vector<int64_t> times;
  StopReason reason = StopReason::kCount;  // what ended the list
};

// `arrivals` of a plan: {"pattern": "poisson" | "constant", "per_s": x, "seed": n} or {"pattern": "trace", "times_ns":
// [..]}. As many as count, duration and max_samples allow. With "poisson" the gaps are exponential, independent and the
// same for the same seed; a trace ends with its last time. Throws Error{kUsage} naming the field.
Arrivals ArrivalsFromJson(const Json& plan, LoopLimits limits, int64_t max_samples);

}  // namespace bakeoff::worker
