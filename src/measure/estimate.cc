// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Times of the newest run of the same engine, network, scenario, threads and batch.
#include "measure/estimate.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
  return RealAt(record, field).value_or(0) / 1e9;
}

// Earlier runs, newest first, read once for all rows of an engine and a model.
class Earlier {
 public:
  explicit Earlier(const store::Store& store) : store_(store) {}

  std::optional<Times> Of(const Configuration& row) {
    const auto& lines = Lines(row);
    const auto newest = std::find_if(lines.begin(), lines.end(), [&](const store::RunLine& line) {
      return line.scenario == row.scenario && line.threads == row.threads && line.precision == row.precision &&
             (row.batch == 0 || line.batch == row.batch);
    });
    if (newest == lines.end()) return std::nullopt;
    const Json record = store_.Record(newest->id);
    const auto samples = RealAt(record, "samples");
    if (!samples || *samples <= 0) return std::nullopt;
    return Times{
        kBeside + Seconds(record, "load_ns") + Seconds(record, "first_inference_ns") + Seconds(record, "warmup_ns"),
        Seconds(record, "wall_ns") / *samples};
  }

 private:
  const std::vector<store::RunLine>& Lines(const Configuration& row) {
    const auto [place, fresh] = lines_.try_emplace({row.engine, row.model});
    // The newest few of the engine: where nothing alike is among them, nothing is known.
    if (fresh)
      store_.EachRun({.engine = row.engine, .model = row.model, .status = "ok", .most = 500},
                     [&lines = place->second](const store::RunLine& line) { lines.push_back(line); });
    return place->second;
  }

  const store::Store& store_;
  std::map<std::pair<std::string, std::string>, std::vector<store::RunLine>> lines_;
};

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
  Earlier earlier(store);
  for (const Configuration& row : plan) {
    if (row.status != RunStatus::kOk) continue;
    ++estimate.rows;
    const auto times = earlier.Of(row);
    if (!times) continue;
    ++estimate.known;
    estimate.seconds += (times->before + TimedSeconds(row, settings, times->each)) * settings.repetitions;
  }
  if (estimate.known > 0) estimate.seconds *= static_cast<double>(estimate.rows) / static_cast<double>(estimate.known);
  return estimate;
}

}  // namespace bakeoff::measure
