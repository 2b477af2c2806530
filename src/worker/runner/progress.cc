// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The reporting thread.
#include "worker/runner/progress.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {
namespace {

// A report wakes this thread on one of the measured CPUs, for some microseconds: not more often than this.
constexpr int64_t kShortestPeriodNs = 20'000'000;

}  // namespace

ProgressThread::ProgressThread(std::string_view phase, int64_t period_ns, Counter counter, Sink sink) {
  if (period_ns <= 0) return;
  const std::chrono::nanoseconds period(std::max(period_ns, kShortestPeriodNs));
  reports_.emplace(period, [phase, begin = NowNs(), counter = std::move(counter), sink = std::move(sink)] {
    pthread_setname_np(pthread_self(), kProgressThread);
    try {
      sink(phase, counter(), NowNs() - begin);
      return true;
    } catch (const std::exception&) {
      return false;
    }
  });
}

}  // namespace bakeoff::worker
