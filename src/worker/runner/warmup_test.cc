// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Warm-up: steady series are told from ramps, and the limits hold.
#include "worker/runner/warmup.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace bakeoff::worker {
namespace {

// A loop over made-up run times: `time(n)` is the n-th run's, from 0.
struct Series {
  std::function<int64_t(int64_t)> time;
  int64_t next = 0;
  int64_t cancel_at = -1;

  WarmupLoop Loop() {
    return [this](LoopLimits limits, std::vector<int64_t>& times) {
      LoopResult result;
      while (result.runs < limits.count) {
        if (next == cancel_at) {
          result.reason = StopReason::kCancelled;
          break;
        }
        times.push_back(time(next++));
        ++result.runs;
        result.wall_ns += times.back();
        if (result.wall_ns >= limits.duration_ns) {
          result.reason = StopReason::kDuration;
          break;
        }
      }
      return result;
    };
  }
};

TEST(IsSteady, ConstantIs) {
  EXPECT_TRUE(IsSteady(std::vector<int64_t>(8, 1'000'000)));
}
TEST(IsSteady, TooFewAreNot) {
  EXPECT_FALSE(IsSteady(std::vector<int64_t>(7, 1'000'000)));
}

TEST(IsSteady, RampIsNot) {
  std::vector<int64_t> times;
  for (int i = 0; i < 40; ++i) times.push_back(2'000'000 - i * 25'000);
  EXPECT_FALSE(IsSteady(times));
}

TEST(IsSteady, OutliersDoNotMatter) {
  std::vector<int64_t> times(64, 1'000'000);
  times[60] = times[50] = 900'000'000;
  EXPECT_TRUE(IsSteady(times));
}

TEST(WarmUp, EndsSoonWhenSteady) {
  Series series{[](int64_t) { return 1'000'000; }};
  const WarmupResult result =
      WarmUp({.min_runs = 10, .max_runs = 1000, .min_ns = 0, .max_ns = 10'000'000'000}, series.Loop());
  EXPECT_TRUE(result.steady);
  EXPECT_EQ(result.runs, 10);
}

TEST(WarmUp, LastsItsLeastTimeHoweverSteady) {
  Series series{[](int64_t) { return 6'000; }};
  const WarmupResult result = WarmUp({.min_ns = 20'000'000}, series.Loop());
  EXPECT_TRUE(result.steady);
  EXPECT_GE(result.wall_ns, 20'000'000);
  EXPECT_LT(result.wall_ns, 30'000'000);
  // A longest time below it is what was asked for.
  const WarmupResult shorter = WarmUp({.min_ns = 20'000'000, .max_ns = 1'000'000}, series.Loop());
  EXPECT_TRUE(shorter.steady);
  EXPECT_LT(shorter.wall_ns, 1'100'000);
}

TEST(WarmUp, GoesOnUntilTheRampIsOver) {
  // Starts three times as slow and settles with a time constant of 50 runs.
  std::mt19937 random(7);
  Series series{[&](int64_t n) {
    const double noise = std::normal_distribution<double>(0, 0.003)(random);
    return static_cast<int64_t>(1e6 * (1 + 2 * std::exp(-static_cast<double>(n) / 50) + noise));
  }};
  const WarmupResult result = WarmUp({.min_runs = 10, .max_runs = 100'000, .max_ns = 100'000'000'000}, series.Loop());
  EXPECT_TRUE(result.steady);
  // The rest of the ramp is below 3 % of the settled time by then.
  EXPECT_LT(2 * std::exp(-static_cast<double>(result.runs) / 50), 0.03) << result.runs << " runs";
  EXPECT_LT(result.runs, 2000);
}

TEST(WarmUp, MaxRunsHoldsForWhatNeverSettles) {
  Series series{[](int64_t n) { return 1'000'000 + n * 100'000; }};
  const WarmupResult result = WarmUp({.min_runs = 10, .max_runs = 100, .max_ns = 100'000'000'000}, series.Loop());
  EXPECT_FALSE(result.steady);
  EXPECT_EQ(result.runs, 100);
}

TEST(WarmUp, MaxTimeHolds) {
  Series series{[](int64_t n) { return 1'000'000 + n * 1'000'000; }};
  const WarmupResult result = WarmUp({.min_runs = 1, .max_runs = 1'000'000, .max_ns = 50'000'000}, series.Loop());
  EXPECT_FALSE(result.steady);
  EXPECT_GE(result.wall_ns, 50'000'000);
  EXPECT_LT(result.wall_ns, 70'000'000);
}

TEST(WarmUp, MinRunsComeBeforeMaxTime) {
  Series series{[](int64_t) { return 1'000'000; }};
  EXPECT_EQ(WarmUp({.min_runs = 20, .max_runs = 1000, .max_ns = 1}, series.Loop()).runs, 20);
}

TEST(WarmUp, NoneWhenNoneIsWanted) {
  Series series{[](int64_t) { return 1; }};
  EXPECT_EQ(WarmUp({.min_runs = 0, .max_runs = 0, .max_ns = 1'000'000}, series.Loop()).runs, 0);
  EXPECT_EQ(WarmUp({.min_runs = 0, .max_runs = 10, .max_ns = 0}, series.Loop()).runs, 0);
}

TEST(WarmUp, CancelEndsIt) {
  Series series{[](int64_t n) { return 1'000'000 + n * 100'000; }};
  series.cancel_at = 33;
  const WarmupResult result = WarmUp({.min_runs = 10, .max_runs = 1000, .max_ns = 100'000'000'000}, series.Loop());
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.runs, 33);
}

}  // namespace
}  // namespace bakeoff::worker
