// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The loop of each thread.
#include "worker/runner/closed_phase.h"

#include <algorithm>
#include <iterator>

namespace bakeoff::worker {

void ClosedPhase::Begin(LoopLimits limits) {
  limits_ = limits;
  std::fill_n(samples_.begin(), Used(), -1);
  claimed_ = next_block_ = finished_ = 0;
  stop_ = -1;
}

std::vector<int64_t> ClosedPhase::Collect() const {
  std::vector<int64_t> times;
  std::copy_if(samples_.begin(), samples_.begin() + Used(), std::back_inserter(times),
               [](int64_t time) { return time >= 0; });
  return times;
}

int64_t ClosedPhase::Used() const {
  return std::min(next_block_.load(), static_cast<int64_t>(samples_.size()));
}

int64_t ClosedPhase::Run(FilledRequest& filled, bool refill, int64_t begin) {
  Request& request = filled.request();
  const int64_t deadline = limits_.duration_ns > kNoLimit - begin ? kNoLimit : begin + limits_.duration_ns;
  int64_t slot = 0, block_end = 0;
  int64_t start = begin, end = begin;
  while (stop_.load(std::memory_order_relaxed) < 0) {
    const int64_t run = claimed_.fetch_add(1, std::memory_order_relaxed);
    if (run >= limits_.count) {
      Stop(StopReason::kCount);
      break;
    }
    if (run >= room_) {
      Stop(StopReason::kMaxSamples);
      break;
    }
    if (slot == block_end) {
      slot = next_block_.fetch_add(kBlock, std::memory_order_relaxed);
      block_end = slot + kBlock;
    }
    if (refill) {
      filled.Fill();
      start = NowNs();
    }
    request.Run();
    end = NowNs();
    samples_[static_cast<size_t>(slot++)] = end - start;
    const int64_t finished = finished_.fetch_add(1, std::memory_order_relaxed) + 1;
    start = end;
    if (end >= deadline && finished >= limits_.least) Stop(StopReason::kDuration);
    if (cancelled_.load(std::memory_order_relaxed)) Stop(StopReason::kCancelled);
  }
  return end;
}

}  // namespace bakeoff::worker
