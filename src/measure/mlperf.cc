// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Rules and results of MLPerf's scenarios.
#include "measure/mlperf.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/statistics.h"

namespace bakeoff::measure {
namespace {

constexpr int64_t kOfflineSamples = 24'576;

std::string Metric(const Run& run) {
  const std::string& scenario = run.configuration.scenario;
  if (scenario == "offline")
    return run.throughput_per_s ? fmt::format("{:.6g} samples per second", *run.throughput_per_s) : "no samples";
  if (scenario == "server") {
    if (!run.open_loop || !run.open_loop->bound_met)
      return "no --latency-bound: nothing says whether this rate is valid";
    return fmt::format("{:g} per second {} the bound of {:.4g} ms", run.configuration.qps,
                       *run.open_loop->bound_met ? "keeps" : "does not keep",
                       static_cast<double>(*run.open_loop->bound_ns) / 1e6);
  }
  const bool single = scenario == "single-stream";
  const auto& estimate = single ? run.latency.p90_early : run.latency.p99_early;
  const char* name = single ? "p90" : "p99";
  if (!estimate) return fmt::format("too few queries ({}) for an estimate of {}", run.samples, name);
  return fmt::format("{} by early stopping {:.6g} ms", name, *estimate / 1e6);
}

}  // namespace

int64_t MlperfLeast(const std::string& scenario, int64_t batch) {
  if (scenario == "offline") return (kOfflineSamples + batch - 1) / batch;
  return core::SamplesNeeded(scenario == "single-stream" ? core::kP90 : core::kP99, 1);
}

void ApplyMlperf(bool duration_given, Settings& settings) {
  if (!settings.mlperf) return;
  for (const std::string& scenario : settings.scenarios) {
    if (scenario == "dataset")
      throw Error(ErrorCode::kUsage, "--mlperf: MLPerf has no scenario 'dataset'; leave out one of them");
    for (const int64_t batch : settings.batches) {
      const int64_t least = MlperfLeast(scenario, std::max<int64_t>(batch, 1));
      if (settings.count && *settings.count < least)
        throw Error(ErrorCode::kUsage,
                    fmt::format("--count {} can never give MLPerf's number of {}: it needs --count {}", *settings.count,
                                scenario, least));
    }
  }
  if (!duration_given && !settings.count && !settings.budget) settings.duration = kMlperfDuration;
}

std::vector<std::string> MlperfNotes(const Settings& settings, const std::vector<Run>& runs) {
  std::vector<std::string> notes;
  if (!settings.mlperf) return notes;
  for (const Run& run : runs) {
    if (run.samples > 0)
      notes.push_back(
          fmt::format("MLPerf, {}, repetition {}: {}", Title(run.configuration), run.repetition, Metric(run)));
  }
  if (!settings.duration || *settings.duration < kMlperfDuration)
    notes.emplace_back("MLPerf asks for runs of 600 s; these are shorter");
  return notes;
}

}  // namespace bakeoff::measure
