// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The warm-up's decision. docs/measuring.md defends the numbers.
#include "worker/runner/warmup.h"

#include <algorithm>

namespace bakeoff::worker {
namespace {

constexpr size_t kFewest = 8;
constexpr int64_t kToleranceDivisor = 50;  // 2 %
constexpr int64_t kClockNoiseNs = 50;      // two clock reads: below this, differences mean nothing

int64_t Median(std::span<const int64_t> times) {
  std::vector<int64_t> sorted(times.begin(), times.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

}  // namespace

bool IsSteady(std::span<const int64_t> times) {
  if (times.size() < kFewest) return false;
  const size_t quarter = times.size() / 4;
  const int64_t last = Median(times.last(quarter));
  const int64_t before = Median(times.last(2 * quarter).first(quarter));
  return std::abs(last - before) <= std::max(kClockNoiseNs, before / kToleranceDivisor);
}

WarmupResult WarmUp(const WarmupPlan& plan, const WarmupLoop& loop) {
  WarmupResult result;
  std::vector<int64_t> times;
  const int64_t least_ns = std::min(plan.min_ns, plan.max_ns);
  while (result.runs < plan.max_runs) {
    const int64_t have = result.runs;
    // First to min_runs (and to what IsSteady needs), then by a quarter each time.
    int64_t next = have == 0 ? std::max<int64_t>(plan.min_runs, kFewest) : have + std::max<int64_t>(have / 4, 1);
    next = std::min(next, plan.max_runs);
    const bool must = have < plan.min_runs;
    const int64_t left_ns = plan.max_ns - result.wall_ns;
    if (!must && left_ns <= 0) break;
    // min_runs are made even when max_ns is shorter.
    const LoopLimits limits = must ? LoopLimits{std::min(next, std::max(plan.min_runs, int64_t{1})) - have, kNoLimit}
                                   : LoopLimits{next - have, left_ns};
    const LoopResult part = loop(limits, times);
    result.runs += part.runs;
    result.wall_ns += part.wall_ns;
    if (part.reason == StopReason::kCancelled) {
      result.cancelled = true;
      break;
    }
    if (part.runs == 0) break;
    if (result.runs >= plan.min_runs && result.wall_ns >= least_ns && IsSteady(times)) {
      result.steady = true;
      break;
    }
  }
  return result;
}

}  // namespace bakeoff::worker
