// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// multi-stream: queries of several samples; the next query starts when the last sample of the one before has ended.
// Also dataset: a number of samples, and how long all of them take.
#include <algorithm>
#include <atomic>

#include "bakeoff/error.h"
#include "worker/runner/closed_phase.h"
#include "worker/runner/cpu_window.h"
#include "worker/runner/scenario.h"
#include "worker/runner/team.h"
#include "worker/runner/warmup.h"

namespace bakeoff::worker {
namespace {

// The threads share the samples of one query after the other. Between queries they wait for the next one: spinning at
// first, because it comes at once, and then asleep, in case it does not. Nothing is allocated or locked.
class QueryLoop {
 public:
  QueryLoop(int64_t samples_per_query, const std::atomic<bool>& cancelled)
      : samples_per_query_(samples_per_query), cancelled_(cancelled) {}

  void Begin(LoopLimits limits, std::span<int64_t> latency_ns) {
    limits_ = limits;
    latency_ns_ = latency_ns;
    queries_ = 0;
    ended_ = false;
    next_ = samples_per_query_;
  }
  // Thread 0 leads: it begins queries and takes their times.
  int64_t Lead(FilledRequest& filled, bool refill, int64_t begin);
  int64_t Follow(FilledRequest& filled);
  // Ends it for all threads.
  void End(StopReason reason) {
    reason_ = reason;
    ended_ = true;
    generation_.fetch_add(1);
    generation_.notify_all();
    done_.fetch_add(samples_per_query_);
    done_.notify_all();
  }

  int64_t queries() const { return queries_.load(std::memory_order_relaxed); }
  StopReason reason() const { return reason_; }

 private:
  // Samples of this query, as long as there are some. Returns the time it took to fill inputs again.
  int64_t TakeSamples(FilledRequest& filled, bool refill);

  const int64_t samples_per_query_;
  const std::atomic<bool>& cancelled_;
  LoopLimits limits_;
  std::span<int64_t> latency_ns_;
  StopReason reason_ = StopReason::kCount;
  std::atomic<bool> ended_{false};
  alignas(64) std::atomic<int64_t> queries_{0};
  alignas(64) std::atomic<uint32_t> generation_{0};
  alignas(64) std::atomic<int64_t> next_{0};
  alignas(64) std::atomic<int64_t> done_{0};
};

// Reads until the value is another one: a while of spinning, then asleep.
template <typename T>
void WaitForChange(const std::atomic<T>& value, T old) {
  for (int i = 0; i < 2000; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
  }
  value.wait(old, std::memory_order_acquire);
}

int64_t QueryLoop::TakeSamples(FilledRequest& filled, bool refill) {
  int64_t filling_ns = 0;
  while (next_.fetch_add(1, std::memory_order_acq_rel) < samples_per_query_) {
    if (refill) {
      const int64_t begin = NowNs();
      filled.Fill();
      filling_ns += NowNs() - begin;
    }
    filled.request().Run();
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == samples_per_query_) done_.notify_one();
  }
  return filling_ns;
}

int64_t QueryLoop::Lead(FilledRequest& filled, bool refill, int64_t begin) {
  const auto room = static_cast<int64_t>(latency_ns_.size());
  const int64_t most = std::min(limits_.count, room);
  const int64_t deadline = limits_.duration_ns > kNoLimit - begin ? kNoLimit : begin + limits_.duration_ns;
  int64_t start = begin, queries = 0;
  while (true) {
    // In this order: a thread that still asks for samples of the last query may take one of this.
    done_.store(0, std::memory_order_relaxed);
    next_.store(0, std::memory_order_release);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
    const int64_t filling_ns = TakeSamples(filled, refill);
    for (int64_t done = done_.load(std::memory_order_acquire); done < samples_per_query_;
         done = done_.load(std::memory_order_acquire))
      WaitForChange(done_, done);
    if (ended_) break;  // another thread failed
    const int64_t end = NowNs();
    latency_ns_[static_cast<size_t>(queries)] = end - start - filling_ns;
    start = end;
    queries_.store(++queries, std::memory_order_relaxed);
    if (queries == most) {
      End(limits_.count <= room ? StopReason::kCount : StopReason::kMaxSamples);
      break;
    }
    if (end >= deadline && queries >= limits_.least) {
      End(StopReason::kDuration);
      break;
    }
    if (cancelled_.load(std::memory_order_relaxed)) {
      End(StopReason::kCancelled);
      break;
    }
  }
  return start;
}

int64_t QueryLoop::Follow(FilledRequest& filled) {
  uint32_t seen = 0;
  // Whatever it has become since: what is left of that query is taken.
  while (!ended_) {
    TakeSamples(filled, false);
    seen = generation_.load(std::memory_order_acquire);
    if (ended_ || next_.load(std::memory_order_acquire) < samples_per_query_) continue;
    WaitForChange(generation_, seen);
  }
  return NowNs();
}

}  // namespace

Measured RunMultiStream(const Plan& plan, Scene& scene) {
  const int streams = static_cast<int>(std::min<int64_t>(std::max(scene.streams, 1), plan.samples_per_query));
  if (streams > 1 && scene.inputs_consumed)
    throw Error(ErrorCode::kUnsupported,
                "multi-stream with several requests in flight cannot be timed: the engine consumes its inputs; leave "
                "out --streams");
  std::vector<FilledRequest> filled = scene.requests(streams);
  Measured measured;
  measured.latency_ns = TouchedSamples(std::min(plan.limits.count, plan.max_samples));
  const int64_t warm_room = std::min<int64_t>(plan.warmup.max_runs, 1 << 16);
  std::vector<int64_t> warm = TouchedSamples(warm_room + ClosedPhase::kBlock * streams);
  ClosedPhase phase(warm, warm_room, *scene.cancelled);
  QueryLoop loop(plan.samples_per_query, *scene.cancelled);

  WarmupResult warmup;
  LoopResult result{StopReason::kCancelled, 0, 0};
  CpuWindow cpu;
  {
    Team team(filled.size(), [&] {
      phase.Stop(StopReason::kCancelled);
      loop.End(StopReason::kCancelled);
    });
    warmup = WarmUpTogether(plan, scene, team, filled, phase);
    if (!warmup.cancelled) {
      const ProgressThread progress("timed", plan.progress_ns, cpu.Sampled([&loop] { return loop.queries(); }),
                                    scene.progress);
      loop.Begin(plan.limits, measured.latency_ns);
      cpu.Start();
      int64_t begin_ns = 0, end_ns = 0;
      team.Run([&](size_t index, int64_t begin) {
        if (index > 0) return loop.Follow(filled[index]);
        begin_ns = begin;
        return end_ns = loop.Lead(filled[0], scene.inputs_consumed, begin);
      });
      cpu.Stop();
      result = {loop.reason(), loop.queries(), end_ns - begin_ns};
    }
  }
  const size_t buffer_bytes = (measured.latency_ns.size() + warm.size()) * sizeof(int64_t);
  measured.latency_ns.resize(static_cast<size_t>(result.runs));
  measured.result = ResultJson(result, warmup, cpu, streams, buffer_bytes);
  measured.result["samples_per_query"] = plan.samples_per_query;
  return measured;
}

Measured RunDataset(const Plan& plan, Scene& scene) {
  if (plan.limits.count == kNoLimit)
    throw Error(ErrorCode::kUsage, "plan: the scenario 'dataset' needs 'count', the runs that the data set takes");
  return scene.streams > 1 ? RunOffline(plan, scene) : RunSingleStream(plan, scene);
}

}  // namespace bakeoff::worker
