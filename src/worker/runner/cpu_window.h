// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// CPU time of this process over a window: all of it, by thread, and how it went over time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bakeoff/json.h"
#include "bakeoff/meter.h"
#include "core/contention.h"
#include "worker/runner/progress.h"

namespace bakeoff::worker {

// Readings of a clock that counts CPU time, thinned out to at most kMost points however many come.
class CpuTimeline {
 public:
  static constexpr size_t kMost = 60;

  void Begin(int64_t now_ns, int64_t cpu_ns);
  void Add(int64_t now_ns, int64_t cpu_ns);
  // The last reading; one that comes soon after another takes its place.
  void End(int64_t now_ns, int64_t cpu_ns);
  // [{"at_ns", "utilisation"}]: end of each stretch, from the begin, and the CPUs that were busy in it.
  Json Points() const;

 private:
  struct Reading {
    int64_t now_ns = 0, cpu_ns = 0;
  };
  Reading begin_;
  std::vector<Reading> readings_;  // begin_ is not among them
  int64_t seen_ = 0, every_ = 1;   // of the readings that come, every so many is kept
};

// Start() and Stop() lie outside of any timed loop. What samples meanwhile is the thread that reports progress, which
// is awake anyway: it reads one clock more.
class CpuWindow {
 public:
  // `root` is "/" but in tests: where /proc/stat and control groups are.
  explicit CpuWindow(std::filesystem::path root = "/") : root_(std::move(root)) {}
  void Start();
  void Stop();
  // `counter`, and a look at the process's CPU clock whenever it is asked during the window; from any one thread.
  // The window outlives it.
  ProgressThread::Counter Sampled(ProgressThread::Counter counter);

  // After Stop():
  int64_t cpu_ns() const { return cpu_ns_; }
  // Threads that used at least a tenth of the window's CPU time, without those of the harness that speak with the host;
  // nullopt when the window used none.
  std::optional<int> threads_busy() const;
  // [{"name", "time_ns"}], largest first: threads that used any time. What is not theirs were threads that ended.
  Json threads() const;
  Json over_time() const;
  // Of the window, what the machine tells: "steal_ns" and "steal_share" of the CPUs that this thread may use,
  // "throttled_ns" and "throttled_periods" of the control group.
  Json contention() const;
  // Context switches, page faults, instructions, cycles.
  std::vector<Reading> events() const { return events_->Readings(); }

 private:
  void Sample();

  std::filesystem::path root_;
  std::vector<int> cpus_;
  core::Contention contention_;    // at first what there was before
  std::map<int, int64_t> before_;  // thread id -> CPU time
  std::vector<ThreadUse> used_;    // in the window
  int64_t cpu_ns_ = 0;
  std::unique_ptr<Meter> events_ = MakeCpuEvents();
  mutable std::mutex mutex_;  // of what follows
  bool open_ = false;
  CpuTimeline timeline_;
};

// threads(), of `used` (names and times in the window) and the time of the process.
Json ThreadsJson(std::span<const ThreadUse> used, int64_t cpu_ns);

}  // namespace bakeoff::worker
