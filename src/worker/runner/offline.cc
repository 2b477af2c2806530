// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// offline: as many requests in flight as the session has streams, each in a thread of its own.
#include <algorithm>

#include "worker/runner/closed_phase.h"
#include "worker/runner/cpu_window.h"
#include "worker/runner/scenario.h"
#include "worker/runner/team.h"
#include "worker/runner/warmup.h"

namespace bakeoff::worker {

Measured RunOffline(const Plan& plan, Scene& scene) {
  const int streams = std::max(scene.streams, 1);
  std::vector<FilledRequest> filled = scene.requests(streams);
  const int64_t room = std::min(plan.limits.count, plan.max_samples);
  std::vector<int64_t> samples = TouchedSamples(room + ClosedPhase::kBlock * streams);
  ClosedPhase phase(samples, room, *scene.cancelled);
  const auto runs = [&phase] { return phase.finished(); };

  Measured measured;
  WarmupResult warmup;
  LoopResult loop{StopReason::kCancelled, 0, 0};
  CpuWindow cpu;
  {
    Team team(filled.size(), [&phase] { phase.Stop(StopReason::kCancelled); });
    warmup = WarmUpTogether(plan, scene, team, filled, phase);
    if (!warmup.cancelled) {
      const ProgressThread progress("timed", plan.progress_ns, cpu.Sampled(runs), scene.progress);
      cpu.Start();
      loop = RunClosed(plan.limits, scene, team, filled, phase);
      cpu.Stop();
    }
  }
  if (loop.runs > 0) measured.latency_ns = phase.Collect();
  measured.result = ResultJson(loop, warmup, cpu, streams, samples.size() * sizeof(int64_t));
  return measured;
}

LoopResult RunClosed(LoopLimits limits, Scene& scene, Team& team, std::vector<FilledRequest>& filled,
                     ClosedPhase& phase) {
  phase.Begin(limits);
  const int64_t wall_ns =
      team.Run([&](size_t index, int64_t begin) { return phase.Run(filled[index], scene.inputs_consumed, begin); });
  return {phase.reason(), phase.finished(), wall_ns};
}

WarmupResult WarmUpTogether(const Plan& plan, Scene& scene, Team& team, std::vector<FilledRequest>& filled,
                            ClosedPhase& phase) {
  const ProgressThread progress("warmup", plan.progress_ns, [&phase] { return phase.finished(); }, scene.progress);
  WarmupPlan warm = plan.warmup;
  // Each request must have run; the plan counts runs of one.
  warm.min_runs = std::min(warm.min_runs * static_cast<int64_t>(filled.size()), warm.max_runs);
  return WarmUp(warm, [&](LoopLimits limits, std::vector<int64_t>& times) {
    const LoopResult part = RunClosed(limits, scene, team, filled, phase);
    const std::vector<int64_t> more = phase.Collect();
    times.insert(times.end(), more.begin(), more.end());
    return part;
  });
}

}  // namespace bakeoff::worker
