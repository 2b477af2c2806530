// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of the sketch of a distribution.
#include "report/sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace bakeoff::report {
namespace {

TEST(Sketch, QuantilesAreThoseOfTheSamples) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> times(14, 0.2);
  std::vector<int64_t> all;
  Sketch sketch;
  for (int run = 0; run < 3; ++run) {
    std::vector<int64_t> samples;
    for (int i = 0; i < 5000 + 1000 * run; ++i) samples.push_back(static_cast<int64_t>(times(random)));
    all.insert(all.end(), samples.begin(), samples.end());
    sketch.Add(samples);
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(sketch.count(), all.size());
  for (const double share : {0.05, 0.25, 0.5, 0.75, 0.95}) {
    const auto exact = static_cast<double>(all[static_cast<size_t>(share * static_cast<double>(all.size()))]);
    EXPECT_NEAR(sketch.Quantile(share) / exact, 1, 0.01) << share;
  }
}

TEST(Sketch, RunsCountByTheirSamples) {
  Sketch sketch;
  sketch.Add(std::vector<int64_t>(900, 100));
  sketch.Add(std::vector<int64_t>(100, 200));
  EXPECT_EQ(sketch.Quantile(0.85), 100);
  EXPECT_EQ(sketch.Quantile(0.95), 200);
}

TEST(Sketch, OutlineIsWidestWhereMostSamplesAre) {
  std::vector<int64_t> samples(900, 1000);
  for (int i = 0; i < 100; ++i) samples.push_back(2000 + i);
  Sketch sketch;
  sketch.Add(samples);
  const auto outline = sketch.Outline();
  const auto widest = std::max_element(outline.begin(), outline.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
  EXPECT_NEAR(widest->first, 1000, 40);
  EXPECT_EQ(widest->second, 1);
}

TEST(Sketch, OfOneValueOrNothingIsFine) {
  Sketch sketch;
  sketch.Add({});
  EXPECT_TRUE(sketch.Outline().empty());
  sketch.Add({7});
  EXPECT_EQ(sketch.Quantile(0.5), 7);
  for (const auto& [value, width] : sketch.Outline()) EXPECT_TRUE(width >= 0 && width <= 1 && value > 0);
}

}  // namespace
}  // namespace bakeoff::report
