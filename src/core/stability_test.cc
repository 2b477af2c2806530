// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Samples whose nature is known: how often each is seen, and how often one is seen that is not there.
#include "core/stability.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace bakeoff::core {
namespace {

using Draw = std::function<double(std::mt19937_64&, double place)>;  // place: 0 at the begin of the run, 1 at its end

std::vector<int64_t> Samples(size_t count, uint64_t seed, const Draw& draw) {
  std::mt19937_64 random(seed);
  std::vector<int64_t> samples;
  for (size_t i = 0; i < count; ++i)
    samples.push_back(std::llround(draw(random, static_cast<double>(i) / static_cast<double>(count))));
  return samples;
}

double Normal(std::mt19937_64& random) {
  return std::normal_distribution<double>()(random);
}

const Draw kNormal = [](auto& random, double) { return 1e6 * (1 + 0.02 * Normal(random)); };
const Draw kLogNormal = [](auto& random, double) { return 1e6 * std::exp(0.2 * Normal(random)); };
const Draw kUniform = [](auto& random, double) { return 1e6 + 1e5 * std::uniform_real_distribution<double>()(random); };
const Draw kExponential = [](auto& random, double) {
  return 1e6 + 1e5 * std::exponential_distribution<double>()(random);
};

int CountOf(const Draw& draw, const std::function<bool(const Stability&)>& seen) {
  int count = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) count += seen(StabilityOf(Samples(500, seed, draw))) ? 1 : 0;
  return count;
}

TEST(Stability, FewSamplesSayNothing) {
  EXPECT_FALSE(StabilityOf({}).outliers);
  EXPECT_FALSE(StabilityOf(Samples(9, 1, kNormal)).outliers);
  const Stability some = StabilityOf(Samples(99, 1, kNormal));
  EXPECT_TRUE(some.outliers);
  EXPECT_FALSE(some.drift || some.modes || some.mean);
}

TEST(Stability, OutliersAreCountedWithTheirTime) {
  std::vector<int64_t> samples(100, 1000);
  for (size_t i = 0; i < 100; ++i) samples[i] += static_cast<int64_t>(i % 5);
  samples[7] = samples[70] = 51'002;
  const Stability stability = StabilityOf(samples);
  EXPECT_EQ(stability.outliers->count, 2);
  EXPECT_NEAR(stability.outliers->time_share, 100'000.0 / 200'200, 1e-3);
  // Clocks of nanoseconds: equal but for one step.
  std::vector<int64_t> equal(100, 20);
  equal[3] = 40;
  EXPECT_EQ(StabilityOf(equal).outliers->count, 0);
}

TEST(Stability, ADriftIsSeenAndNoiseIsNone) {
  const auto drifts = [](const Stability& stability) { return stability.drift->significant; };
  EXPECT_LE(CountOf(kNormal, drifts), 9);
  EXPECT_LE(CountOf(kLogNormal, drifts), 9);
  const Draw rising = [](auto& random, double place) { return 1e6 * (1 + 0.04 * place + 0.02 * Normal(random)); };
  EXPECT_GE(CountOf(rising, drifts), 290);
  EXPECT_NEAR(StabilityOf(Samples(5000, 3, rising)).drift->change, 0.036, 0.005);
  const Draw falling = [](auto& random, double place) { return 1e6 * (1 - 0.04 * place + 0.02 * Normal(random)); };
  EXPECT_LT(StabilityOf(Samples(5000, 3, falling)).drift->change, -0.03);
  // Perfectly regular and far too small to matter.
  const Draw slow = [](auto&, double place) { return 1e6 * (1 + 0.005 * place); };
  EXPECT_EQ(CountOf(slow, drifts), 0);
}

TEST(Stability, TwoModesAreSeenAndOneIsNone) {
  const auto two = [](const Stability& stability) { return stability.modes.has_value(); };
  for (const Draw& one : {kNormal, kLogNormal, kUniform, kExponential}) EXPECT_LE(CountOf(one, two), 3);
  const Draw mixed = [](auto& random, double) {
    const bool slow = std::uniform_real_distribution<double>()(random) < 0.3;
    return 1e6 * (slow ? 1.1 : 1) * (1 + 0.01 * Normal(random));
  };
  EXPECT_GE(CountOf(mixed, two), 295);
  const Stability stability = StabilityOf(Samples(5000, 1, mixed));
  EXPECT_NEAR(stability.modes->low_ns, 1.0e6, 3e3);
  EXPECT_NEAR(stability.modes->high_ns, 1.1e6, 3e3);
  EXPECT_NEAR(stability.modes->high_share, 0.3, 0.03);
  // One far outlier must not hide them.
  std::vector<int64_t> samples = Samples(500, 1, mixed);
  samples[100] = 1'000'000'000;
  EXPECT_TRUE(StabilityOf(samples).modes);
}

TEST(Stability, TheIntervalOfTheMeanHoldsForSamplesThatDependOnEachOther) {
  // An autoregressive process whose neighbours correlate by 0.9: an interval for independent samples of it would hold
  // in about half of the cases.
  int holds = 0;
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    double state = 0;
    const auto samples = Samples(2000, seed, [&](auto& random, double) {
      state = 0.9 * state + Normal(random);
      return 1e6 + 1e4 * state;
    });
    const Interval mean = *StabilityOf(samples).mean;
    holds += mean.low <= 1e6 && 1e6 <= mean.high ? 1 : 0;
  }
  EXPECT_GE(holds, 970);
}

}  // namespace
}  // namespace bakeoff::core
