// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Growth of memory and energy in passes after the timed part.
#include "worker/runner/meter_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
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
  if (growth.contains("reason")) GTEST_SKIP() << "this kernel has no smaps_rollup";
  EXPECT_EQ(growth["runs"].get<double>(), static_cast<double>(g_test_engine.runs));
  EXPECT_LE(growth["low"].get<double>(), growth["bytes_per_run"].get<double>());
  EXPECT_LT(std::abs(growth["bytes_per_run"].get<double>()), 4096);
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
