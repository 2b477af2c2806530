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

#include "measure/profile.h"
#include "measure/record.h"

namespace bakeoff::measure {
namespace {

// Of one run of a row, in seconds: what comes before the timed part, and one inference.
struct Times {
  double load = 0, warmup = 0, each = 0;
  bool energy = false;  // something could be read: the worker waited for the windows
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
    return Times{.load = kBeside + Seconds(record, "load_ns") + Seconds(record, "first_inference_ns"),
                 .warmup = Seconds(record, "warmup_ns"),
                 .each = Seconds(record, "wall_ns") / *samples,
                 .energy = RealAt(record, "energy.load_w").has_value()};
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

// All repetitions of a row, with the passes that follow the timed part.
double RowSeconds(const Configuration& row, const Settings& settings, const Times& times) {
  const double timed = TimedSeconds(row, settings, times.each);
  // As the worker makes them (worker/runner/server.cc): growth for an eighth of the timed part, at most a second; an
  // idle and a loaded window of energy.
  const double growth = std::min(timed / 8, 1.0);
  const double energy = times.energy ? 2 * std::chrono::duration<double>(settings.energy_window).count() : 0;
  double seconds = (times.load + times.warmup + timed + growth + energy) * settings.repetitions;
  if (settings.profile) {
    // Once, in a process of its own; a profiler makes inferences longer, by how much nobody knows.
    constexpr double kInferences = static_cast<double>(kProfiledInferences) + 3;
    seconds += times.load + std::min(kInferences * times.each, std::chrono::duration<double>(kProfiledTime).count());
  }
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
    estimate.seconds += RowSeconds(row, settings, *times);
  }
  if (estimate.known > 0) estimate.seconds *= static_cast<double>(estimate.rows) / static_cast<double>(estimate.known);
  return estimate;
}

}  // namespace bakeoff::measure
