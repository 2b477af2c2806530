// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// offline: as many requests in flight as the session has streams, each in a thread of its own, all from one supply of
// runs.
#include <algorithm>
#include <barrier>
#include <exception>
#include <iterator>
#include <mutex>
#include <thread>

#include "bakeoff/error.h"
#include "worker/runner/process_facts.h"
#include "worker/runner/scenario.h"
#include "worker/runner/warmup.h"

namespace bakeoff::worker {
namespace {

// Samples are claimed in blocks of this many (512 bytes), so that threads do not write to the same cache line.
constexpr int64_t kBlock = 64;

// One phase (a part of the warm-up, or the timed part) of all threads together.
class Phase {
 public:
  Phase(std::span<int64_t> samples, int64_t room, const std::atomic<bool>& cancelled)
      : samples_(samples), room_(room), cancelled_(cancelled) {}

  void Begin(LoopLimits limits) {
    limits_ = limits;
    std::fill_n(samples_.begin(), Used(), -1);
    claimed_ = next_block_ = finished_ = 0;
    stop_ = -1;
  }

  // By each thread, between the barriers. Returns when its last run ended.
  int64_t Run(FilledRequest& filled, bool refill, int64_t begin);
  void Stop(StopReason reason) {
    int none = -1;
    stop_.compare_exchange_strong(none, static_cast<int>(reason));
  }

  int64_t finished() const { return finished_.load(std::memory_order_relaxed); }
  StopReason reason() const { return stop_ < 0 ? StopReason::kCount : static_cast<StopReason>(stop_.load()); }
  // The samples that were written, block by block.
  std::vector<int64_t> Collect() const {
    std::vector<int64_t> times;
    std::copy_if(samples_.begin(), samples_.begin() + Used(), std::back_inserter(times),
                 [](int64_t time) { return time >= 0; });
    return times;
  }

 private:
  int64_t Used() const { return std::min(next_block_.load(), static_cast<int64_t>(samples_.size())); }

  std::span<int64_t> samples_;
  const int64_t room_;  // runs, at most; samples_ has a block more for each thread
  const std::atomic<bool>& cancelled_;
  LoopLimits limits_;
  alignas(64) std::atomic<int64_t> claimed_{0};
  alignas(64) std::atomic<int64_t> next_block_{0};
  alignas(64) std::atomic<int64_t> finished_{0};
  alignas(64) std::atomic<int> stop_{-1};
};

int64_t Phase::Run(FilledRequest& filled, bool refill, int64_t begin) {
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
    finished_.fetch_add(1, std::memory_order_relaxed);
    start = end;
    if (end >= deadline) Stop(StopReason::kDuration);
    if (cancelled_.load(std::memory_order_relaxed)) Stop(StopReason::kCancelled);
  }
  return end;
}

// Threads that stay for the whole scenario: runtimes keep per-thread state that the warm-up must warm.
class Team {
 public:
  Team(std::vector<FilledRequest>& filled, Phase& phase, bool refill)
      : filled_(filled),
        phase_(phase),
        refill_(refill),
        gate_(static_cast<std::ptrdiff_t>(filled.size())),
        spans_(filled.size()) {
    for (size_t i = 1; i < filled.size(); ++i) threads_.emplace_back([this, i] { Follow(i); });
  }
  ~Team() {
    ending_ = true;
    gate_.arrive_and_wait();
    for (std::thread& thread : threads_) thread.join();
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // One phase; the calling thread is one of the team. Throws what a run threw first.
  LoopResult Run(LoopLimits limits) {
    phase_.Begin(limits);
    gate_.arrive_and_wait();
    RunOne(0);
    gate_.arrive_and_wait();
    if (failure_) std::rethrow_exception(failure_);
    // From the first thread's start to the last one's end: waking the team is not part of it.
    Span all = spans_[0];
    for (const Span& span : spans_) all = {std::min(all.begin, span.begin), std::max(all.end, span.end)};
    return {phase_.reason(), phase_.finished(), all.end - all.begin};
  }

 private:
  struct Span {
    int64_t begin = 0, end = 0;
  };

  void Follow(size_t index) {
    while (true) {
      gate_.arrive_and_wait();
      if (ending_) return;
      RunOne(index);
      gate_.arrive_and_wait();
    }
  }

  void RunOne(size_t index) {
    try {
      const int64_t begin = NowNs();
      spans_[index] = {begin, phase_.Run(filled_[index], refill_, begin)};
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      phase_.Stop(StopReason::kCancelled);
    }
  }

  std::vector<FilledRequest>& filled_;
  Phase& phase_;
  const bool refill_;
  std::barrier<> gate_;
  std::vector<Span> spans_;
  bool ending_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace

Measured RunOffline(const Plan& plan, Scene& scene) {
  const int streams = std::max(scene.streams, 1);
  std::vector<FilledRequest> filled = scene.requests(streams);
  const int64_t room = std::min(plan.limits.count, plan.max_samples);
  std::vector<int64_t> samples = TouchedSamples(room + kBlock * streams);
  Phase phase(samples, room, *scene.cancelled);
  const auto runs = [&phase] { return phase.finished(); };

  Measured measured;
  WarmupResult warmup;
  LoopResult loop{StopReason::kCancelled, 0, 0};
  CpuWindow cpu;
  {
    Team team(filled, phase, scene.inputs_consumed);
    {
      const ProgressThread progress("warmup", plan.progress_ns, runs, scene.progress);
      WarmupPlan warm = plan.warmup;
      // Each request must have run; the plan counts runs of one.
      warm.min_runs = std::min(warm.min_runs * streams, warm.max_runs);
      warmup = WarmUp(warm, [&](LoopLimits limits, std::vector<int64_t>& times) {
        const LoopResult part = team.Run(limits);
        const std::vector<int64_t> more = phase.Collect();
        times.insert(times.end(), more.begin(), more.end());
        return part;
      });
    }
    if (!warmup.cancelled) {
      const ProgressThread progress("timed", plan.progress_ns, runs, scene.progress);
      cpu.Start();
      loop = team.Run(plan.limits);
      cpu.Stop();
    }
  }
  if (loop.runs > 0) measured.latency_ns = phase.Collect();
  measured.result = ResultJson(loop, warmup, cpu, streams, samples.size() * sizeof(int64_t));
  return measured;
}

}  // namespace bakeoff::worker
