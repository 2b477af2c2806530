// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// p against scipy 1.17.1 (binomtest(b, b + c, 0.5).pvalue); intervals against the formula in Python, with the quantile
// of statistics.NormalDist.
#include "core/paired.h"

#include <gtest/gtest.h>

namespace bakeoff::core {
namespace {

PairedCounts Counts(int64_t only_first, int64_t only_second, int64_t examples) {
  return {.both_right = examples - only_first - only_second, .only_first = only_first, .only_second = only_second};
}

TEST(Paired, McNemarAsScipy) {
  EXPECT_NEAR(McNemar(Counts(5, 15, 340)), 0.04138946533203125, 1e-12);
  EXPECT_NEAR(McNemar(Counts(2, 19, 340)), 0.00022125244140625, 1e-12);
  EXPECT_NEAR(McNemar(Counts(19, 2, 340)), 0.00022125244140625, 1e-12);
  EXPECT_NEAR(McNemar(Counts(30, 70, 1000)), 7.85013964559367e-05, 1e-12);
  EXPECT_NEAR(McNemar(Counts(0, 7, 50)), 0.015625, 1e-12);
  EXPECT_DOUBLE_EQ(McNemar(Counts(1, 1, 10)), 1);
  EXPECT_DOUBLE_EQ(McNemar(Counts(0, 0, 10)), 1);
}

TEST(Paired, IntervalOfTheDifference) {
  const Interval interval = PairedDifference(Counts(2, 19, 340));
  EXPECT_NEAR(interval.low, -0.08515844511169311, 1e-12);
  EXPECT_NEAR(interval.high, -0.014256759566669455, 1e-12);
  // Where nothing differs, the interval still says how much may be hidden.
  const Interval same = PairedDifference(Counts(0, 0, 100));
  EXPECT_NEAR(same.high, -same.low, 1e-15);
  EXPECT_GT(same.high, 0.01);
  EXPECT_EQ(PairedDifference({}).high, 0);
}

TEST(Paired, VerdictNeedsTestAndInterval) {
  EXPECT_EQ(PairedVerdict(Counts(2, 19, 340)), "worse");
  EXPECT_EQ(PairedVerdict(Counts(19, 2, 340)), "better");
  EXPECT_EQ(PairedVerdict(Counts(5, 15, 340)), "tie");
  EXPECT_EQ(PairedVerdict(Counts(0, 8, 100)), "worse");
  EXPECT_EQ(PairedVerdict(Counts(0, 7, 50)), "tie");
  EXPECT_EQ(PairedVerdict({}), "tie");
}

}  // namespace
}  // namespace bakeoff::core
