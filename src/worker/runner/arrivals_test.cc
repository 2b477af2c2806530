// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Schedules: rates, distributions, limits, the same for the same seed.
#include "worker/runner/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

Arrivals Made(const char* arrivals, LoopLimits limits, int64_t max_samples = 1 << 20) {
  return ArrivalsFromJson({{"arrivals", Json::parse(arrivals)}}, limits, max_samples);
}

std::vector<double> Gaps(const Arrivals& arrivals) {
  std::vector<double> gaps;
  for (size_t i = 1; i < arrivals.times.size(); ++i)
    gaps.push_back(static_cast<double>(arrivals.times[i] - arrivals.times[i - 1]));
  return gaps;
}

TEST(Arrivals, ConstantGapsAreConstant) {
  const Arrivals arrivals = Made(R"({"pattern": "constant", "per_s": 1000})", {.count = 5});
  EXPECT_EQ(arrivals.times, (std::vector<int64_t>{0, 1'000'000, 2'000'000, 3'000'000, 4'000'000}));
  EXPECT_EQ(arrivals.reason, StopReason::kCount);
  // No drift of rounding: a third of a second is no whole number of nanoseconds.
  EXPECT_EQ(Made(R"({"pattern": "constant", "per_s": 3})", {.count = 3001}).times.back(), 1'000'000'000'000);
}

TEST(Arrivals, PoissonGapsAreExponentialAndIndependent) {
  const auto gaps = Gaps(Made(R"({"pattern": "poisson", "per_s": 1000, "seed": 7})", {.count = 100'001}));
  double sum = 0;
  for (const double gap : gaps) sum += gap;
  const double mean = sum / static_cast<double>(gaps.size());
  // The mean of n exponentials has a relative deviation of 1 / sqrt(n): 5 of them.
  EXPECT_NEAR(mean, 1e6, 5e6 / std::sqrt(1e5));
  // Kolmogorov-Smirnov against 1 - exp(-x), at a level of 0.001: 1.95 / sqrt(n).
  std::vector<double> sorted = gaps;
  std::sort(sorted.begin(), sorted.end());
  double distance = 0;
  for (size_t i = 0; i < sorted.size(); ++i)
    distance = std::max(distance, std::abs(1 - std::exp(-sorted[i] / 1e6) -
                                           static_cast<double>(i) / static_cast<double>(sorted.size())));
  EXPECT_LT(distance, 1.95 / std::sqrt(1e5));
  double product = 0;
  for (size_t i = 1; i < gaps.size(); ++i) product += (gaps[i] - mean) * (gaps[i - 1] - mean);
  EXPECT_LT(std::abs(product / (static_cast<double>(gaps.size()) * mean * mean)), 5 / std::sqrt(1e5));
}

TEST(Arrivals, TheSeedDecides) {
  const auto times = [](const char* arrivals) { return Made(arrivals, {.count = 100}).times; };
  EXPECT_EQ(times(R"({"pattern": "poisson", "per_s": 10, "seed": 3})"),
            times(R"({"pattern": "poisson", "per_s": 10, "seed": 3})"));
  EXPECT_NE(times(R"({"pattern": "poisson", "per_s": 10, "seed": 3})"),
            times(R"({"pattern": "poisson", "per_s": 10, "seed": 4})"));
}

TEST(Arrivals, LimitsEndTheSchedule) {
  const Arrivals by_time = Made(R"({"pattern": "constant", "per_s": 100})", {.duration_ns = 1'000'000'000});
  EXPECT_EQ(by_time.times.size(), 100u);
  EXPECT_EQ(by_time.reason, StopReason::kDuration);
  const Arrivals by_room = Made(R"({"pattern": "constant", "per_s": 100})", {.duration_ns = 1'000'000'000}, 30);
  EXPECT_EQ(by_room.times.size(), 30u);
  EXPECT_EQ(by_room.reason, StopReason::kMaxSamples);
  const Arrivals trace =
      Made(R"({"pattern": "trace", "times_ns": [0, 5, 5, 2000000000]})", {.duration_ns = 1'000'000'000});
  EXPECT_EQ(trace.times, (std::vector<int64_t>{0, 5, 5}));
  EXPECT_EQ(Made(R"({"pattern": "trace", "times_ns": [0, 5]})", {.count = 10}).times.size(), 2u);
}

TEST(Arrivals, NonsenseFails) {
  for (const char* arrivals :
       {R"({"pattern": "poisson"})", R"({"pattern": "poisson", "per_s": 0})", R"({"pattern": "poisson", "per_s": -1})",
        R"({"pattern": "poisson", "per_s": "x"})", R"({"pattern": "burst", "per_s": 1})", R"({"pattern": "trace"})",
        R"({"pattern": "trace", "times_ns": []})", R"({"pattern": "trace", "times_ns": [5, 4]})",
        R"({"pattern": "trace", "times_ns": [-1]})", R"({"pattern": "trace", "times_ns": [0.5]})", R"({})", R"([])"})
    EXPECT_THROW(Made(arrivals, {.count = 10}), Error) << arrivals;
  EXPECT_THROW(Made(R"({"pattern": "trace", "times_ns": [50]})", {.duration_ns = 50}), Error);
  EXPECT_THROW(ArrivalsFromJson(Json::object(), {.count = 1}, 1), Error);
}

}  // namespace
}  // namespace bakeoff::worker
