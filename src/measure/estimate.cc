// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Times of the newest run of the same engine, network, scenario, threads and batch.
#include "measure/estimate.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "measure/record.h"

namespace bakeoff::measure {
namespace {

// Of one run of a row, in seconds: what comes before the timed part, and one inference.
struct Times {
  double before = 0, each = 0;
};

// A worker's start, the checked inference's frames, and what the host does beside it.
constexpr double kBeside = 0.1;

double Seconds(const Json& record, std::string_view field) {
  const Json& found = At(record, field);
  return found.is_number() ? found.get<double>() / 1e9 : 0;
}

std::optional<Times> EarlierOf(const store::Store& store, const Configuration& row) {
  std::optional<int64_t> newest;
  // The newest few of the engine: where nothing alike is among them, nothing is known.
  store.EachRun({.engine = row.engine, .model = row.model, .status = "ok", .most = 500},
                [&](const store::RunLine& line) {
                  if (!newest && line.scenario == row.scenario && line.threads == row.threads &&
                      line.precision == row.precision && (row.batch == 0 || line.batch == row.batch))
                    newest = line.id;
                });
  if (!newest) return std::nullopt;
  const Json record = store.Record(*newest);
  const Json& samples = At(record, "samples");
  if (!samples.is_number() || samples.get<double>() <= 0) return std::nullopt;
  return Times{
      kBeside + Seconds(record, "load_ns") + Seconds(record, "first_inference_ns") + Seconds(record, "warmup_ns"),
      Seconds(record, "wall_ns") / samples.get<double>()};
}

double TimedSeconds(const Configuration& row, const Settings& settings, double each) {
  if (row.test_size > 0)
    return each * static_cast<double>(row.test_size) / static_cast<double>(std::max<int64_t>(row.batch, 1));
  double seconds = settings.duration ? std::chrono::duration<double>(*settings.duration).count() : 1e18;
  if (settings.count)
    seconds =
        std::min(seconds, static_cast<double>(*settings.count) * (row.qps > 0 ? std::max(each, 1 / row.qps) : each));
  return seconds;
}

}  // namespace

Estimate EstimateOf(const store::Store& store, const std::vector<Configuration>& plan, const Settings& settings) {
  Estimate estimate;
  for (const Configuration& row : plan) {
    if (row.status != RunStatus::kOk) continue;
    ++estimate.rows;
    const auto times = EarlierOf(store, row);
    if (!times) continue;
    ++estimate.known;
    estimate.seconds += (times->before + TimedSeconds(row, settings, times->each)) * settings.repetitions;
  }
  if (estimate.known > 0) estimate.seconds *= static_cast<double>(estimate.rows) / static_cast<double>(estimate.known);
  return estimate;
}

}  // namespace bakeoff::measure
