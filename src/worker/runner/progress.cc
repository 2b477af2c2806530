// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The reporting thread.
#include "worker/runner/progress.h"

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
  thread_ = std::thread([this, phase, period, counter = std::move(counter), sink = std::move(sink)] {
    const int64_t begin = NowNs();
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, period, [this] { return stop_; })) {
      try {
        sink(phase, counter(), NowNs() - begin);
      } catch (const std::exception&) {
        return;
      }
    }
  });
}

ProgressThread::~ProgressThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

}  // namespace bakeoff::worker
