// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Names of states and the statistics of one run.
#include "measure/run.h"

#include <fmt/format.h>

#include "core/statistics.h"

namespace bakeoff::measure {

std::string_view StatusName(RunStatus status) {
  switch (status) {
    case RunStatus::kOk:
      return "ok";
    case RunStatus::kFailed:
      return "failed";
    case RunStatus::kSkipped:
      return "skipped";
    case RunStatus::kUnsupported:
      return "unsupported";
    case RunStatus::kMismatch:
      return "mismatch";
    case RunStatus::kSaturated:
      return "saturated";
  }
  return "";
}

int Severity(RunStatus status) {
  switch (status) {
    case RunStatus::kOk:
      return 0;
    case RunStatus::kSaturated:
      return 1;
    case RunStatus::kSkipped:
      return 2;
    case RunStatus::kUnsupported:
      return 3;
    case RunStatus::kMismatch:
      return 4;
    case RunStatus::kFailed:
      return 5;
  }
  return 5;
}

const Artifact& Given(const Configuration& configuration) {
  return configuration.conversion ? configuration.conversion->source : configuration.artifact;
}

std::string Title(const Configuration& configuration) {
  std::string text = fmt::format("{} {} {}, {} thread{}", configuration.engine, configuration.model,
                                 configuration.scenario, configuration.threads, configuration.threads == 1 ? "" : "s");
  if (configuration.batch > 0) text += fmt::format(", batch {}", configuration.batch);
  if (configuration.precision != "f32") text += ", " + configuration.precision;
  if (configuration.qps > 0) text += fmt::format(", {:g} per s", configuration.qps);
  if (configuration.test_size > 0) text += fmt::format(", {} samples", configuration.test_size);
  for (const auto& [name, value] : configuration.options) text += fmt::format(", {}={}", name, value);
  return text;
}

bool Saturated(const OpenLoop& open) {
  if (open.unanswered.value_or(0) > 0) return true;
  return open.offered_per_s && open.achieved_per_s && *open.achieved_per_s < 0.99 * *open.offered_per_s;
}

Latency Summarise(const std::vector<int64_t>& latency_ns) {
  const core::Samples samples(latency_ns);
  const auto real = [](const std::optional<int64_t>& value) {
    return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
  };
  Latency latency{.min = real(samples.Min()),
                  .mean = samples.Mean(),
                  .p50 = real(samples.At(core::kP50)),
                  .p90 = real(samples.At(core::kP90)),
                  .p95 = real(samples.At(core::kP95)),
                  .p99 = real(samples.At(core::kP99)),
                  .max = real(samples.Max()),
                  .stddev = samples.StdDev(),
                  .mad = samples.Mad(),
                  .p90_early = real(samples.EarlyStopping(core::kP90)),
                  .p99_early = real(samples.EarlyStopping(core::kP99))};
  // No interval stands without its percentile.
  const auto interval = [&](core::Percentile percentile, std::optional<double>& low, std::optional<double>& high) {
    const auto found = samples.At(percentile) ? samples.IntervalOf(percentile) : std::nullopt;
    if (!found) return;
    low = found->low;
    high = found->high;
  };
  interval(core::kP50, latency.p50_low, latency.p50_high);
  interval(core::kP90, latency.p90_low, latency.p90_high);
  interval(core::kP95, latency.p95_low, latency.p95_high);
  interval(core::kP99, latency.p99_low, latency.p99_high);
  return latency;
}

}  // namespace bakeoff::measure
