// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Schedules of queries.
#include "worker/runner/arrivals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

constexpr double kMostPerSecond = 1e9;

Error Wrong(const std::string& text) {
  return {ErrorCode::kUsage, fmt::format("plan: 'arrivals': {}", text)};
}

double Rate(const Json& arrivals) {
  const auto field = arrivals.find("per_s");
  const double rate = field != arrivals.end() && field->is_number() ? field->get<double>() : 0;
  if (!(rate > 0) || rate > kMostPerSecond)
    throw Wrong(fmt::format("'per_s' must be a number above 0 and at most {:g}", kMostPerSecond));
  return rate;
}

std::vector<int64_t> Trace(const Json& arrivals) {
  const auto field = arrivals.find("times_ns");
  if (field == arrivals.end() || !field->is_array() || field->empty())
    throw Wrong("a trace needs 'times_ns', a list of at least one time");
  std::vector<int64_t> times;
  for (const Json& time : *field) {
    if (!time.is_number_integer() || time.get<int64_t>() < (times.empty() ? 0 : times.back()))
      throw Wrong(fmt::format("'times_ns' must be whole numbers from 0, ascending; entry {} is {}", times.size() + 1,
                              time.dump()));
    times.push_back(time.get<int64_t>());
  }
  return times;
}

}  // namespace

Arrivals ArrivalsFromJson(const Json& plan, LoopLimits limits, int64_t max_samples) {
  const auto field = plan.find("arrivals");
  if (field == plan.end() || !field->is_object())
    throw Error(ErrorCode::kUsage, "plan: the scenario 'server' needs 'arrivals': when queries come");
  const std::string pattern = field->value("pattern", "");
  const int64_t most = std::min(limits.count, max_samples);
  Arrivals arrivals;
  // What ended the list where the number did.
  const auto full = limits.count <= max_samples ? StopReason::kCount : StopReason::kMaxSamples;
  const auto take = [&](int64_t time) {
    if (static_cast<int64_t>(arrivals.times.size()) == most) {
      arrivals.reason = full;
      return false;
    }
    if (time >= limits.duration_ns) {
      arrivals.reason = StopReason::kDuration;
      return false;
    }
    arrivals.times.push_back(time);
    return true;
  };
  if (pattern == "trace") {
    const std::vector<int64_t> times = Trace(*field);
    // A trace that was replayed whole is as long as it was asked to be.
    (void)std::all_of(times.begin(), times.end(), take);
  } else if (pattern == "poisson" || pattern == "constant") {
    const double gap_ns = 1e9 / Rate(*field);
    const auto seed = field->find("seed");
    // Raw bits, not a distribution of the standard library: the same seed gives the same arrivals everywhere.
    std::mt19937_64 bits(seed != field->end() && seed->is_number_unsigned() ? seed->get<uint64_t>() : 1);
    double time = 0;
    while (take(std::llround(time))) {
      const double share = static_cast<double>(bits() >> 11) * 0x1p-53;  // [0, 1)
      time += pattern == "constant" ? gap_ns : -std::log1p(-share) * gap_ns;
    }
  } else {
    throw Wrong(fmt::format("unknown pattern '{}'; there are: poisson, constant, trace", pattern));
  }
  if (arrivals.times.empty()) throw Wrong("no query comes before the end of the run");
  return arrivals;
}

}  // namespace bakeoff::worker
