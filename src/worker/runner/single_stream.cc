// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// single-stream: one request; the next inference starts when the last has ended.
#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "worker/runner/cpu_window.h"
#include "worker/runner/scenario.h"
#include "worker/runner/warmup.h"

namespace bakeoff::worker {
namespace {

LoopResult Loop(FilledRequest& filled, bool refill, LoopLimits limits, std::span<int64_t> samples,
                LoopControl& control) {
  if (!refill) return TimedLoop(filled.request(), limits, samples, control);
  const auto fill = [](void* context) { static_cast<FilledRequest*>(context)->Fill(); };
  return TimedLoopBetween(filled.request(), fill, &filled, limits, samples, control);
}

}  // namespace

Measured RunSingleStream(const Plan& plan, Scene& scene) {
  std::vector<FilledRequest> filled = scene.requests(1);
  Measured measured;
  measured.latency_ns = TouchedSamples(std::min(plan.limits.count, plan.max_samples));
  const std::span<int64_t> samples = measured.latency_ns;
  LoopControl control;
  control.cancelled = scene.cancelled;
  std::atomic<int64_t> done_before{0};  // the warm-up calls the loop several times
  const auto runs = [&] {
    return done_before.load(std::memory_order_relaxed) + control.runs.load(std::memory_order_relaxed);
  };

  WarmupResult warmup;
  LoopResult loop{StopReason::kCancelled, 0, 0};
  CpuWindow cpu;
  const char* phase = "warm-up";
  try {
    {
      const ProgressThread progress("warmup", plan.progress_ns, runs, scene.progress);
      // The same buffer and the same loop as in the timed part: they are warm as well then.
      warmup = WarmUp(plan.warmup, [&](LoopLimits limits, std::vector<int64_t>& times) {
        const LoopResult part = Loop(filled[0], scene.inputs_consumed, limits, samples, control);
        times.insert(times.end(), samples.begin(), samples.begin() + part.runs);
        control.runs = 0;
        done_before += part.runs;
        return part;
      });
    }
    if (!warmup.cancelled) {
      done_before = 0;
      phase = "timed part";
      const ProgressThread progress("timed", plan.progress_ns, cpu.Sampled(runs), scene.progress);
      cpu.Start();
      loop = Loop(filled[0], scene.inputs_consumed, plan.limits, samples, control);
      cpu.Stop();
    }
  } catch (const Error& error) {
    throw error.With(fmt::format("{}, run {}", phase, runs() + 1));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kEngineFailed, error.what()).With(fmt::format("{}, run {}", phase, runs() + 1));
  }
  const size_t buffer_bytes = measured.latency_ns.size() * sizeof(int64_t);
  measured.latency_ns.resize(static_cast<size_t>(loop.runs));
  measured.result = ResultJson(loop, warmup, cpu, 1, buffer_bytes);
  return measured;
}

}  // namespace bakeoff::worker
