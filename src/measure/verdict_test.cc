// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Verdicts on pairs whose truth is known: how often equal ones are called different, and how often a difference is
// seen. The reference values were computed with mpmath 1.3 to 25 digits: quantiles by root finding on its regularised
// incomplete beta function, intervals from the formulas.
#include "measure/verdict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "core/statistics.h"

namespace bakeoff::measure {
namespace {

using Values = std::vector<double>;

TEST(Verdict, IntervalsAreThoseOfStudentAndWelch) {
  const Values a = {10.0, 10.2, 9.9, 10.1, 10.3}, b = {10.6, 10.9, 10.5, 10.7, 10.8};
  const Comparison paired = Compare(a, b, true);
  ASSERT_TRUE(paired.low && paired.high);
  EXPECT_NEAR(*paired.ratio, 1.0594173, 1e-7);
  EXPECT_NEAR(*paired.low, 1.0447682, 1e-7);
  EXPECT_NEAR(*paired.high, 1.0742718, 1e-7);
  EXPECT_EQ(paired.verdict, Verdict::kSlower);
  const Comparison welch = Compare(a, b, false);
  EXPECT_NEAR(*welch.low, 1.0257050, 1e-7);
  EXPECT_NEAR(*welch.high, 1.0942375, 1e-7);
}

TEST(Verdict, TurningTheSidesTurnsTheVerdict) {
  const Values a = {10, 10.1, 10.2}, b = {12, 12.1, 12.3};
  for (const bool paired : {false, true}) {
    const Comparison there = Compare(a, b, paired), back = Compare(b, a, paired);
    EXPECT_EQ(there.verdict, Verdict::kSlower);
    EXPECT_EQ(back.verdict, Verdict::kFaster);
    EXPECT_NEAR(*there.ratio * *back.ratio, 1, 1e-12);
    EXPECT_NEAR(*there.low * *back.high, 1, 1e-12);
  }
}

TEST(Verdict, TooFewRepetitionsGiveNone) {
  EXPECT_EQ(Compare(Values{1, 1}, Values{2, 2}, true).verdict, Verdict::kUnclear);
  EXPECT_EQ(Compare(Values{1, 1, 1}, Values{2}, false).verdict, Verdict::kUnclear);
  EXPECT_NE(Compare(Values{1, 1, 1}, Values{2}, false).reason, "");
  EXPECT_FALSE(Compare(Values{}, Values{1, 2, 3}, false).ratio);
  EXPECT_FALSE(Compare(Values{1, 2, 0}, Values{1, 2, 3}, false).ratio);
}

TEST(Verdict, ATieIsSaidOnlyWhereTheIntervalIsNarrow) {
  EXPECT_EQ(Compare(Values{10, 10.1, 10.05, 10.02}, Values{10.03, 10.1, 10, 10.06}, false).verdict, Verdict::kTie);
  const Comparison wide = Compare(Values{5, 10, 20}, Values{6, 9, 21}, false);
  EXPECT_EQ(wide.verdict, Verdict::kUnclear);
  EXPECT_NE(wide.reason, "");
  // Equal to the nanosecond is no proof of certainty, but a tie.
  EXPECT_EQ(Compare(Values{7, 7, 7}, Values{7, 7, 7}, true).verdict, Verdict::kTie);
}

// Medians of repetitions as machines give them: an offset per process with heavy tails (now and then a process lands
// badly), a drift over the campaign, noise within. Interleaved: value i of both sides sees the same drift.
struct World {
  std::mt19937_64 random{7};
  double offset = 0.004;  // of a process
  double bad = 0.05;      // share of processes that land badly
  double drift = 0.03;    // over the campaign

  std::pair<Values, Values> Pair(size_t repetitions, double ratio) {
    std::normal_distribution<double> noise(0, 1);
    std::uniform_real_distribution<double> share(0, 1);
    Values a, b;
    for (size_t i = 0; i < repetitions; ++i) {
      const double drifted = 1 + drift * static_cast<double>(i) / static_cast<double>(repetitions);
      const auto one = [&] {
        const double process = offset * noise(random) + (share(random) < bad ? 0.05 * share(random) : 0);
        return 1e6 * drifted * std::exp(process + 0.001 * noise(random));
      };
      a.push_back(one());
      b.push_back(one() * ratio);
    }
    return {a, b};
  }
};

double ShareCalledDifferent(World world, double ratio, bool paired, size_t repetitions) {
  int called = 0;
  constexpr int kPairs = 2000;
  for (int i = 0; i < kPairs; ++i) {
    const auto [a, b] = world.Pair(repetitions, ratio);
    const Verdict verdict = Compare(a, b, paired).verdict;
    called += verdict == Verdict::kFaster || verdict == Verdict::kSlower ? 1 : 0;
  }
  return static_cast<double>(called) / kPairs;
}

TEST(Verdict, EqualSidesAreHardlyEverCalledDifferent) {
  // Alpha is 1 %; 2,000 pairs at 1 % give more than 1.6 % once in 200 times.
  for (const size_t repetitions : {3, 5, 9}) {
    const World world;
    EXPECT_LE(ShareCalledDifferent(world, 1, true, repetitions), 0.016) << repetitions;
    EXPECT_LE(ShareCalledDifferent(world, 1, false, repetitions), 0.016) << repetitions;
  }
}

TEST(Verdict, ADifferenceIsSeen) {
  World calm;
  calm.bad = 0;
  EXPECT_GE(ShareCalledDifferent(calm, 1.03, true, 5), 0.9);
  EXPECT_GE(ShareCalledDifferent(calm, 1.03, false, 5), 0.9);
  // A drift of a fifth hides it without pairing: why live comparisons are interleaved.
  calm.drift = 0.2;
  EXPECT_GE(ShareCalledDifferent(calm, 1.03, true, 5), 0.9);
  EXPECT_LT(ShareCalledDifferent(calm, 1.03, false, 5), 0.1);
}

TEST(Verdict, TheQuantilesAreStudents) {
  EXPECT_NEAR(core::StudentQuantile(0.995, 2), 9.9248432, 1e-6);
  EXPECT_NEAR(core::StudentQuantile(0.995, 4), 4.6040949, 1e-6);
  EXPECT_NEAR(core::StudentQuantile(0.975, 7.5), 2.3330396, 1e-6);
  EXPECT_NEAR(core::StudentQuantile(0.5, 3), 0, 1e-9);
  EXPECT_NEAR(core::StudentQuantile(0.005, 4), -4.6040949, 1e-6);
}

}  // namespace
}  // namespace bakeoff::measure
