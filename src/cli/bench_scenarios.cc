// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the scenarios of `bakeoff bench` need to be told, and what of it can never work.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bakeoff/error.h"
#include "cli/bench.h"
#include "core/files.h"
#include "core/statistics.h"
#include "core/text.h"
#include "measure/mlperf.h"
#include "measure/prospects.h"

namespace bakeoff::cli {
namespace {

// Seconds, one per line, ascending, as nanoseconds. The first line is the begin.
std::vector<int64_t> ReadTrace(const std::string& file) {
  std::vector<int64_t> times;
  double first = 0;
  size_t number = 0;
  for (const std::string& line : core::Split(core::ReadFile(file, size_t{64} << 20), '\n')) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const auto seconds = core::ParseReal(line);
    if (!seconds || !std::isfinite(*seconds) || std::abs(*seconds) > 1e9)
      throw Error(ErrorCode::kUsage, fmt::format("--arrivals {}, line {}: '{}' is no time in seconds", file, number,
                                                 core::Brief(line, 40)));
    if (times.empty()) first = *seconds;
    times.push_back(std::llround((*seconds - first) * 1e9));
    if (times.size() > 1 && times.back() < times[times.size() - 2])
      throw Error(
          ErrorCode::kUsage,
          fmt::format("--arrivals {}, line {}: {} comes before the line above it; sort the times", file, number, line));
  }
  constexpr size_t kMost = 500'000;
  if (times.size() < 2 || times.size() > kMost)
    throw Error(ErrorCode::kUsage,
                fmt::format("--arrivals {}: {} times; a trace has from 2 to {}", file, times.size(), kMost));
  return times;
}

// What only some scenarios have is refused where none of them is measured.
void RequireScenario(const Options& options, const measure::Settings& settings) {
  struct Row {
    const char* option;
    std::vector<std::string> scenarios;
  };
  const Row kRows[] = {{"qps", {"server"}},           {"arrivals", {"server"}},
                       {"latency-bound", {"server"}}, {"samples-per-query", {"multi-stream"}},
                       {"test-size", {"dataset"}},    {"streams", {"offline", "server", "multi-stream", "dataset"}}};
  for (const Row& row : kRows) {
    if (!options.Has(row.option)) continue;
    if (std::any_of(row.scenarios.begin(), row.scenarios.end(), [&](const std::string& name) {
          return std::find(settings.scenarios.begin(), settings.scenarios.end(), name) != settings.scenarios.end();
        }))
      continue;
    throw Error(
        ErrorCode::kUsage,
        fmt::format("--{} speaks of the scenario {}, which is not measured here; add --scenario {}, or leave out "
                    "--{}",
                    row.option, core::Join(row.scenarios, " or "), row.scenarios[0], row.option));
  }
}

// A rate, and enough queries for what is asked of them.
void ReadServer(const Options& options, measure::Settings& settings) {
  const std::string arrivals = options.Text("arrivals");
  const bool trace = arrivals != "poisson" && arrivals != "constant";
  if (trace) {
    settings.arrivals = "trace";
    settings.trace_ns = ReadTrace(arrivals);
    if (options.Has("qps"))
      throw Error(ErrorCode::kUsage,
                  "--qps and a trace in --arrivals both say when queries come; leave out one of them");
    settings.rates = {0};
  } else {
    settings.arrivals = arrivals;
    if (!options.Has("qps"))
      throw Error(ErrorCode::kUsage, "--scenario server needs a rate: --qps 100, or a trace: --arrivals FILE");
    settings.rates = options.Reals("qps", 1e-3, 1e8);
  }
  if (!options.Has("latency-bound")) return;
  settings.latency_bound = options.Duration("latency-bound");
  const int64_t least = core::SamplesNeeded(core::kP99);
  for (const double rate : settings.rates) {
    const double queries = measure::PlannedQueries(settings, rate);
    if (queries >= static_cast<double>(least)) continue;
    const std::string helps =
        settings.count && static_cast<double>(*settings.count) < static_cast<double>(least)
            ? fmt::format("--count {}", least)
        : trace ? fmt::format("a trace of {} times", least)
                : fmt::format("--duration {:.0f}", std::ceil(1.2 * static_cast<double>(least) / rate));
    throw Error(ErrorCode::kUsage,
                fmt::format("--latency-bound: {:.0f} queries can never prove anything about the 99th "
                            "percentile, which needs {}; give {}",
                            queries, least, helps));
  }
}

}  // namespace

void ReadScenarios(const Options& options, measure::Settings& settings) {
  settings.scenarios = options.List("scenario");
  OneOf("scenario", settings.scenarios, {"single-stream", "multi-stream", "offline", "server", "dataset"});
  const auto measured = [&](const char* name) {
    return std::find(settings.scenarios.begin(), settings.scenarios.end(), name) != settings.scenarios.end();
  };
  RequireScenario(options, settings);
  if (options.Has("streams")) settings.streams = static_cast<int>(options.Int("streams", 1, kMostThreads));
  settings.samples_per_query = options.Int("samples-per-query", 1, 1 << 20);
  settings.test_sizes = options.Ints("test-size", 1, kMostSamples);
  if (measured("server")) ReadServer(options, settings);
  if (measured("dataset") && (options.Has("count") || options.Has("duration") || options.Has("budget")) &&
      settings.scenarios.size() == 1)
    throw Error(ErrorCode::kUsage,
                "the scenario dataset ends with its --test-size: leave out --count, --duration and --budget");
  settings.mlperf = options.Switch("mlperf");
  measure::ApplyMlperf(options.Has("duration"), settings);
}

}  // namespace bakeoff::cli
