// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The innermost loop of the open-loop scenario: queries start when they are due, not when the last one was answered.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "worker/runner/request_pool.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {

// Returns at `when`, or as soon as `stop` is 0 or more or `cancelled`: sleeps until shortly before, then spins, because
// waking up takes tens of microseconds. Returns the time of the last look at the clock. `spun_ns` grows by the time
// spent spinning.
int64_t WaitUntil(int64_t when, const std::atomic<int>& stop, const std::atomic<bool>& cancelled, int64_t& spun_ns);

// All threads take queries from one schedule, in order: the next query belongs to whichever request is free first, and
// its thread waits for the query's time. That is one queue, first come first served, without a queue: nothing is
// allocated or locked while the clock runs.
class OpenLoop {
 public:
  // Of one query, in nanoseconds after the begin. end < 0: was not answered.
  struct Query {
    int64_t free = 0, start = 0, end = -1;  // a request was free, the run began, it ended
  };
  struct Counters {
    alignas(64) int64_t spun_ns = 0;
  };

  // `queries` has one entry per time of the schedule. Runs that have not begun `patience_ns` after the last query was
  // due never begin: a system that falls behind for ever must not be measured for ever.
  OpenLoop(std::span<const int64_t> schedule, std::span<Query> queries, int64_t patience_ns,
           const std::atomic<bool>& cancelled)
      : schedule_(schedule), queries_(queries), patience_ns_(patience_ns), cancelled_(cancelled) {}

  // The moment from which the schedule counts; before Run().
  void Begin(int64_t begin) { begin_ = begin; }
  // By each thread. Returns when its last run ended.
  int64_t Run(FilledRequest& filled, bool refill, Counters& counters);
  void Stop(StopReason reason) {
    int none = -1;
    stop_.compare_exchange_strong(none, static_cast<int>(reason));
  }

  int64_t finished() const { return finished_.load(std::memory_order_relaxed); }
  // Set only where something cut the schedule short.
  int stopped() const { return stop_.load(); }

 private:
  std::span<const int64_t> schedule_;
  std::span<Query> queries_;
  const int64_t patience_ns_;
  const std::atomic<bool>& cancelled_;
  int64_t begin_ = 0;
  alignas(64) std::atomic<int64_t> claimed_{0};
  alignas(64) std::atomic<int64_t> finished_{0};
  alignas(64) std::atomic<int> stop_{-1};
};

}  // namespace bakeoff::worker
