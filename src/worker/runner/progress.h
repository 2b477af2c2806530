// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tells the host how far a scenario is, from a thread of its own that only reads a counter.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

namespace bakeoff::worker {

class ProgressThread {
 public:
  // Returns runs so far.
  using Counter = std::function<int64_t()>;
  using Sink = std::function<void(std::string_view phase, int64_t runs, int64_t elapsed_ns)>;

  // No thread at all when period_ns is 0. `sink` is called on the thread; what it throws ends the reports, not the run.
  ProgressThread(std::string_view phase, int64_t period_ns, Counter counter, Sink sink);
  ~ProgressThread();
  ProgressThread(const ProgressThread&) = delete;
  ProgressThread& operator=(const ProgressThread&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace bakeoff::worker
