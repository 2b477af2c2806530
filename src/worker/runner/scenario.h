// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Scenarios: how inferences follow each other while the clock runs. A new one is a function and a row in scenario.cc.
#pragma once

#include <atomic>
#include <functional>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"
#include "worker/runner/plan.h"
#include "worker/runner/progress.h"
#include "worker/runner/request_pool.h"

namespace bakeoff::worker {

// What a scenario works with.
struct Scene {
  std::function<std::vector<FilledRequest>(int count)> requests;  // made and filled, outside any timing
  int streams = 1;                                                // how many the session was loaded for
  bool inputs_consumed = false;                                   // inputs must be filled again before each run
  const std::atomic<bool>* cancelled = nullptr;
  ProgressThread::Sink progress;
};

struct Measured {
  Json result;  // as in docs/architecture.md
  // In the order of the runs, where one thread made them; of queries, in the order in which they were due.
  std::vector<int64_t> latency_ns;
};

// Throws Error{kUnsupported} for a scenario that this worker does not know; whatever Run() throws, with the number of
// the run.
Measured RunScenario(const Plan& plan, Scene& scene);

// The scenarios, one file each.
Measured RunSingleStream(const Plan& plan, Scene& scene);
Measured RunOffline(const Plan& plan, Scene& scene);
Measured RunMultiStream(const Plan& plan, Scene& scene);
Measured RunServer(const Plan& plan, Scene& scene);
Measured RunDataset(const Plan& plan, Scene& scene);

// Shared by them: memory of `size` samples, every page of it touched; and the fields that every result has.
std::vector<int64_t> TouchedSamples(int64_t size);
struct WarmupResult;
class CpuWindow;
Json ResultJson(const LoopResult& loop, const WarmupResult& warmup, const CpuWindow& cpu, int requests,
                size_t buffer_bytes);
class ClosedPhase;
class Team;
// A phase of a team, and a warm-up of several: what offline does, and how others warm up.
LoopResult RunClosed(LoopLimits limits, Scene& scene, Team& team, std::vector<FilledRequest>& filled,
                     ClosedPhase& phase);
WarmupResult WarmUpTogether(const Plan& plan, Scene& scene, Team& team, std::vector<FilledRequest>& filled,
                            ClosedPhase& phase);

}  // namespace bakeoff::worker
