// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Slopes computed by hand, and how often an interval misses one that is known.
#include "core/trend.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace bakeoff::core {
namespace {

TEST(Trend, PairsAreCounted) {
  const std::vector<double> values = {1, 3, 2, 2};
  // Rises: 1-3, 1-2, 1-2; falls: 3-2, 3-2; a tie.
  EXPECT_EQ(RisesLessFalls(values), 1);
  EXPECT_EQ(RisesLessFalls({}), 0);
}

TEST(Trend, DirectionNeedsMoreThanChance) {
  const std::vector<double> rising = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, falling(rising.rbegin(), rising.rend());
  EXPECT_EQ(Direction(rising), 1);
  EXPECT_EQ(Direction(falling), -1);
  // S is 25 of 45.
  const std::vector<double> step = {1, 1, 1, 1, 1, 2, 2, 2, 2, 2};
  EXPECT_EQ(Direction(step), 0);
  // Five rising values come about by chance once in 120 times.
  EXPECT_EQ(Direction(std::vector<double>{1, 2, 3, 4, 5}), 0);
}

TEST(Trend, TheSlopeIsTheMedianOfAllPairs) {
  const std::vector<double> x = {1, 2, 4, 5, 7, 8, 10}, exact = {3, 5, 9, 11, 15, 17, 21};
  EXPECT_DOUBLE_EQ(TheilSen(x, exact)->slope, 2);
  EXPECT_DOUBLE_EQ(TheilSen(x, exact)->interval.low, 2);
  EXPECT_DOUBLE_EQ(TheilSen(x, exact)->interval.high, 2);
  std::vector<double> odd = exact;
  odd[6] = 1e6;
  EXPECT_DOUBLE_EQ(TheilSen(x, odd)->slope, 2);
  // Of six readings all 15 pairs lie within.
  EXPECT_FALSE(TheilSen(std::span(x).first(6), std::span(exact).first(6)));
  EXPECT_FALSE(TheilSen({}, {}));
}

TEST(Trend, TheIntervalHoldsTheSlopeInAbout99Of100) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  int missed = 0;
  for (int i = 0; i < 2000; ++i) {
    std::vector<double> x, y;
    for (int k = 0; k < 20; ++k) {
      x.push_back(k);
      y.push_back(0.3 * k + normal(random));
    }
    const Interval interval = TheilSen(x, y)->interval;
    missed += interval.low > 0.3 || interval.high < 0.3 ? 1 : 0;
  }
  EXPECT_LT(missed, 40);
  EXPECT_GT(missed, 5);
}

}  // namespace
}  // namespace bakeoff::core
