// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Growth of memory and energy in passes after the timed part.
#include "worker/runner/meter_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "bakeoff/error.h"
#include "worker/runner/test_scene.h"

namespace bakeoff::worker {
namespace {

using ::testing::HasSubstr;

class MeterPasses : public ::testing::Test, protected TestScene {
 protected:
  void SetUp() override { g_test_engine.busy_ns = 20'000; }
};

TEST_F(MeterPasses, NoGrowthIsNone) {
  const Json growth = MemoryGrowth(scene_, 50'000'000);
  if (!ReadMemoryUse()) GTEST_SKIP() << "this kernel has no smaps_rollup";
  if (growth.contains("reason")) {
    EXPECT_THAT(growth["reason"].get<std::string>(), HasSubstr("not throughout"));
    return;
  }
  EXPECT_EQ(growth["runs"].get<double>(), static_cast<double>(g_test_engine.runs));
  EXPECT_LE(growth["low"].get<double>(), growth["bytes_per_run"].get<double>());
  // All of it together: how many runs a part has is up to the machine.
  EXPECT_LT(std::abs(growth["bytes_per_run"].get<double>()) * growth["runs"].get<double>(), 1 << 20);
}

// Readings of 20 parts: what memory does in each, `noise` bytes around it.
Json GrowthOfParts(const std::function<double(int part)>& change, double noise = 0, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> spread(-noise, noise);
  std::vector<double> runs, bytes;
  double level = 50e6;
  for (int part = 0; part < 20; ++part) {
    level += change(part);
    // Parts are as long as the clock says, not equal.
    runs.push_back(10.0 * part + part % 3 + 1);
    bytes.push_back(level + spread(random));
  }
  return GrowthOf(runs, bytes);
}
// Whether it would be called a leak, or the opposite.
bool Moves(const Json& growth) {
  return growth.contains("low") && (growth["low"].get<double>() > 0 || growth["high"].get<double>() < 0);
}

TEST(Growth, ALeakHasItsSlope) {
  const Json growth = GrowthOfParts([](int) { return 10 * 1024.0; }, 2048);
  EXPECT_NEAR(growth["bytes_per_run"].get<double>(), 1024, 100) << growth;
  EXPECT_GT(growth["low"].get<double>(), 800);
  EXPECT_LT(growth["high"].get<double>(), 1200);
  EXPECT_EQ(growth["runs"], 192);
  // A heap grows by several pages at once, a step on top does not hide it nor make it steeper.
  const Json heap = GrowthOfParts([](int part) { return part % 2 == 0 ? 135'168.0 : 0; });
  EXPECT_GT(heap["low"].get<double>(), 0) << heap;
  const Json both = GrowthOfParts([](int part) { return part == 12 ? 4 << 20 : 10 * 1024.0; });
  EXPECT_NEAR(both["bytes_per_run"].get<double>(), 1024, 100) << both;
}

TEST(Growth, OneStepIsNoLeakWhereverItIs) {
  for (int at = 0; at < 20; ++at) {
    for (const double step : {4.0 * (1 << 20), -4.0 * (1 << 20)}) {
      const auto change = [&](int part) { return part == at ? step : 0; };
      EXPECT_FALSE(Moves(GrowthOfParts(change))) << at;
      int moves = 0;
      for (uint64_t seed = 1; seed <= 100; ++seed) moves += Moves(GrowthOfParts(change, 20'000, seed)) ? 1 : 0;
      EXPECT_LE(moves, 1) << at << " " << step;
    }
  }
}

TEST(Growth, TwoStepsAreNoLeakEither) {
  for (int first = 0; first < 20; ++first) {
    for (int second = first + 1; second < 20; ++second) {
      EXPECT_FALSE(Moves(GrowthOfParts([&](int part) { return part == first || part == second ? 1e6 : 0; })))
          << first << " " << second;
    }
  }
}

TEST(Growth, WhatRisesInOneHalfOnlyHasAReasonAndNoSlope) {
  const Json growth = GrowthOfParts([](int part) { return part > 0 && part < 13 ? 65'536.0 : 0; });
  EXPECT_EQ(growth, Json({{"reason",
                           "unavailable, because anonymous memory rose by 786432 bytes in 20 readings, but not "
                           "throughout: that is no slope"}}));
}

TEST(Growth, FewReadingsHaveAReasonAndNoSlope) {
  const std::vector<double> runs = {1, 2, 3}, bytes = {4096, 8192, 12'288};
  EXPECT_EQ(GrowthOf(runs, bytes),
            Json({{"reason", "unavailable, because 3 readings of memory are too few for a slope"}}));
  EXPECT_THAT(GrowthOf({}, {}).value("reason", ""), HasSubstr("0 readings"));
}

TEST_F(MeterPasses, ACancelEndsIt) {
  cancelled_ = true;
  EXPECT_EQ(MemoryGrowth(scene_, 10'000'000'000),
            Json({{"reason", "unavailable, because the pass was cancelled after 1 inferences"}}));
}

TEST_F(MeterPasses, ACancelEndsTheIdleWindowOfEnergyAndIsTheReason) {
  const Json request = {
      {"scenario", "single-stream"},
      {"count", 10},
      {"energy", {{"window_ns", 30'000'000'000}, {"power_command", "while :; do echo 1; sleep 1; done"}}}};
  cancelled_ = true;
  const int64_t begin = NowNs();
  const Json energy = MeasureEnergy(PlanFromJson(request), scene_);
  EXPECT_LT(NowNs() - begin, 10'000'000'000);
  EXPECT_EQ(energy, Json({{"reason", "unavailable, because the pass was cancelled in its idle window"}}));
  EXPECT_EQ(g_test_engine.runs, 0);
}

TEST_F(MeterPasses, EnergyIsReadOverAnIdleWindowAndALoadedOne) {
  const Json request = {
      {"scenario", "single-stream"},
      {"count", 10},
      {"energy", {{"window_ns", 200'000'000}, {"power_command", "while :; do echo 12.5; sleep 0.01; done"}}}};
  const Json energy = MeasureEnergy(PlanFromJson(request), scene_);
  // The loaded window is as long, whatever the count.
  EXPECT_GE(energy["load_s"].get<double>(), 0.2);
  EXPECT_GE(energy["idle_s"].get<double>(), 0.2);
  EXPECT_EQ(energy["runs"], g_test_engine.runs.load());
  bool seen = false;
  for (const Json& source : energy["sources"]) {
    if (source["kind"] != "command") continue;
    seen = true;
    const Json& reading = source["readings"][0];
    EXPECT_NEAR(reading["idle_w"].get<double>(), 12.5, 0.5);
    EXPECT_NEAR(reading["load_w"].get<double>(), 12.5, 0.5);
    EXPECT_GE(reading["load_j"].get<double>(), 12.5 * 0.2);
    EXPECT_NEAR(reading["net_j"].get<double>(), 0, 1);
  }
  EXPECT_TRUE(seen);
}

TEST_F(MeterPasses, WhereNothingCanBeReadItSaysSoAtOnceAndRunsNothing) {
  const Json request = {
      {"scenario", "single-stream"}, {"count", 10}, {"energy", {{"window_ns", 30'000'000'000}, {"power_command", ""}}}};
  for (const EnergySource& source : EnergySources({})) {
    if (source.meter->Present()) GTEST_SKIP() << "this machine tells energy: " << source.kind;
  }
  const Json energy = MeasureEnergy(PlanFromJson(request), scene_);
  EXPECT_EQ(g_test_engine.runs, 0);
  for (const Json& source : energy["sources"]) {
    for (const Json& reading : source["readings"])
      EXPECT_THAT(reading["reason"].get<std::string>(), ::testing::StartsWith("unavailable, because "));
  }
  EXPECT_TRUE(MeasureEnergy(PlanFromJson({{"scenario", "single-stream"}, {"count", 10}}), scene_).is_null());
}

}  // namespace
}  // namespace bakeoff::worker
