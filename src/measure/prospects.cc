// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Counts what a plan will have, against what statistics and verdicts need.
#include "measure/prospects.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <string>

#include "bakeoff/error.h"
#include "core/text.h"
#include "measure/compare.h"
#include "measure/fields.h"

namespace bakeoff::measure {
namespace {

// Of a percentile; "" where the plan may have enough.
std::string TooFew(const Settings& settings, const std::string& scenario, int64_t needed) {
  if (scenario == "dataset") {
    for (const int64_t batch : settings.batches) {
      const int64_t each = std::max<int64_t>(batch, 1);
      for (const int64_t size : settings.test_sizes) {
        if ((size + each - 1) / each < needed)
          return fmt::format("--test-size {} in batches of {}: give --test-size {}", size, each,
                             (needed - 1) * each + 1);
      }
    }
    return "";
  }
  if (settings.count && *settings.count < needed)
    return fmt::format("--count {}: give --count {}", *settings.count, needed);
  if (settings.max_samples < needed)
    return fmt::format("--max-samples {}: give --max-samples {}", settings.max_samples, needed);
  // MLPerf's least number of queries is waited for, whatever the time.
  if (scenario != "server" || settings.mlperf) return "";
  for (const double rate : settings.rates) {
    const double queries = PlannedQueries(settings, rate);
    if (queries >= static_cast<double>(needed)) continue;
    if (rate <= 0) return fmt::format("a trace of {:.0f} times: give one of {}", queries, needed);
    return fmt::format("{:.0f} queries: give --duration {:.0f}", queries,
                       std::ceil(1.2 * static_cast<double>(needed) / rate));
  }
  return "";
}

Side PlannedSide(const char* label, const std::vector<Configuration>& plan) {
  Side side{.label = label, .campaign = 0, .machine = {}, .environment = {}, .records = {}, .notes = {}};
  for (const Configuration& row : plan) {
    Run run;
    run.configuration = row;
    run.batch = row.batch;
    side.records.push_back(ToJson(run));
  }
  return side;
}

}  // namespace

double PlannedQueries(const Settings& settings, double rate) {
  double queries = 1e18;
  if (settings.arrivals == "trace")
    queries = static_cast<double>(settings.trace_ns.size());
  else if (settings.duration)
    queries = rate * std::chrono::duration<double>(*settings.duration).count();
  return settings.count ? std::min(queries, static_cast<double>(*settings.count)) : queries;
}

void CheckVerdicts(const Settings& settings, const std::vector<const Metric*>& metrics) {
  std::vector<std::string> troubles;
  if (settings.repetitions < static_cast<int64_t>(kLeastRepetitions))
    troubles.push_back(
        fmt::format("a verdict needs {0} repetitions of each, and there are to be {1}: give --repeat {0}",
                    kLeastRepetitions, settings.repetitions));
  const Metric* highest = nullptr;
  for (const Metric* metric : metrics) {
    if (metric->percentile > 0 && (!highest || metric->percentile > highest->percentile)) highest = metric;
    if (metric->name == "energy" && settings.energy_window.count() == 0)
      troubles.emplace_back("energy is not measured with --energy-window 0: leave that out");
  }
  for (const std::string& scenario : settings.scenarios) {
    if (!highest) break;
    const int64_t needed = core::SamplesNeeded(highest->percentile);
    const std::string few = TooFew(settings, scenario, needed);
    if (!few.empty())
      troubles.push_back(fmt::format("{} needs {} inferences in each repetition, and never has them with {}",
                                     highest->name, needed, few));
  }
  if (!troubles.empty()) throw Error(ErrorCode::kUsage, core::Join(troubles, "; "));
}

void CheckRows(const std::vector<Configuration>& plan_a, const std::vector<Configuration>& plan_b) {
  const auto batches = [](const std::vector<Configuration>& plan) {
    std::set<int64_t> all;
    for (const Configuration& row : plan) all.insert(row.batch);
    return all;
  };
  const std::set<int64_t> of_a = batches(plan_a), of_b = batches(plan_b);
  if (of_a != of_b && (of_a.contains(0) || of_b.contains(0))) return;
  CompareSides(PlannedSide("A", plan_a), PlannedSide("B", plan_b), {}, {}, true);
}

}  // namespace bakeoff::measure
