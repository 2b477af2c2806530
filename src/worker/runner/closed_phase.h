// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Several requests in flight, each started as soon as its thread is free, all from one supply of runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "worker/runner/request_pool.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {

// One phase (a part of the warm-up, or the timed part) of all threads together.
class ClosedPhase {
 public:
  // Samples are claimed in blocks of this many (512 bytes), so that threads do not write to the same cache line:
  // `samples` has one block more for each thread than `room`, which is the most runs.
  static constexpr int64_t kBlock = 64;

  ClosedPhase(std::span<int64_t> samples, int64_t room, const std::atomic<bool>& cancelled)
      : samples_(samples), room_(room), cancelled_(cancelled) {}

  void Begin(LoopLimits limits);
  // By each thread. Returns when its last run ended. Allocates nothing and takes no lock.
  int64_t Run(FilledRequest& filled, bool refill, int64_t begin);
  void Stop(StopReason reason) {
    int none = -1;
    stop_.compare_exchange_strong(none, static_cast<int>(reason));
  }

  int64_t finished() const { return finished_.load(std::memory_order_relaxed); }
  StopReason reason() const { return stop_ < 0 ? StopReason::kCount : static_cast<StopReason>(stop_.load()); }
  // The samples that were written, block by block.
  std::vector<int64_t> Collect() const;

 private:
  int64_t Used() const;

  std::span<int64_t> samples_;
  const int64_t room_;
  const std::atomic<bool>& cancelled_;
  LoopLimits limits_;
  alignas(64) std::atomic<int64_t> claimed_{0};
  alignas(64) std::atomic<int64_t> next_block_{0};
  alignas(64) std::atomic<int64_t> finished_{0};
  alignas(64) std::atomic<int> stop_{-1};
};

}  // namespace bakeoff::worker
