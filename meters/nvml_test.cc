// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Energy of GPUs, read through a library that stands in for the driver's: the same loader, the same functions.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "energy_sources.h"
#include "nvml_stand_in/driver.h"

namespace bakeoff::meters {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class NvmlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // The meter's dlopen() of the same file gets this very library.
    library_ = dlopen(BAKEOFF_NVML_STAND_IN, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    const auto driver = reinterpret_cast<Driver* (*)()>(dlsym(library_, "bakeoff_stand_in_driver"));
    ASSERT_NE(driver, nullptr);
    driver_ = driver();
    driver_->gpus = {{.energy_mj = 5'000'000}, {.energy_mj = 70'000'000}};
    driver_->init_code = driver_->count_code = 0;
  }
  void TearDown() override {
    EXPECT_EQ(driver_->open, 0) << "NVML was not shut down as often as it was started";
    dlclose(library_);
  }

  // A window at whose end the counters stand there.
  std::vector<Reading> Window(Meter& meter, const std::vector<unsigned long long>& end_mj) {
    meter.Start();
    for (size_t i = 0; i < end_mj.size(); ++i) driver_->gpus[i].energy_mj = end_mj[i];
    meter.Stop();
    return meter.Readings();
  }
  static void ExpectUnavailable(const Reading& reading, const char* says) {
    EXPECT_FALSE(reading.value) << *reading.value;
    EXPECT_THAT(reading.reason, StartsWith("unavailable, because "));
    EXPECT_THAT(reading.reason, HasSubstr(says));
  }

  void* library_ = nullptr;
  Driver* driver_ = nullptr;
};

TEST_F(NvmlTest, TellsJoulesOfEachGpuInEachWindow) {
  const auto meter = MakeNvml(BAKEOFF_NVML_STAND_IN);
  EXPECT_TRUE(meter->Present());
  auto readings = Window(*meter, {5'250'500, 70'001'000});
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_DOUBLE_EQ(*readings[0].value, 250.5);
  EXPECT_DOUBLE_EQ(*readings[1].value, 1);
  EXPECT_EQ(readings[0].name, "gpu 0");
  EXPECT_EQ(readings[0].unit, "J");
  EXPECT_EQ(readings[0].source, "nvmlDeviceGetTotalEnergyConsumption");
  EXPECT_GT(readings[0].seconds, 0);
  // The next window begins where this one ended.
  readings = Window(*meter, {5'250'600, 70'003'000});
  EXPECT_DOUBLE_EQ(*readings[0].value, 0.1);
  EXPECT_DOUBLE_EQ(*readings[1].value, 2);
}

TEST_F(NvmlTest, WhatDidNotMoveOrWentBackIsNoReading) {
  const auto meter = MakeNvml(BAKEOFF_NVML_STAND_IN);
  const auto readings = Window(*meter, {5'000'000, 12});
  ExpectUnavailable(readings[0], "did not move");
  ExpectUnavailable(readings[1], "went back");
}

TEST_F(NvmlTest, AGpuThatIsLostTakesNothingFromTheOthers) {
  const auto meter = MakeNvml(BAKEOFF_NVML_STAND_IN);
  meter->Start();
  driver_->gpus[0].energy_code = 15;
  driver_->gpus[1].energy_mj += 3000;
  meter->Stop();
  ExpectUnavailable(meter->Readings()[0], "GPU is lost");
  EXPECT_DOUBLE_EQ(*meter->Readings()[1].value, 3);
  // One that answers again has its joules again.
  driver_->gpus[0].energy_code = 0;
  EXPECT_DOUBLE_EQ(*Window(*meter, {5'001'000, 80'000'000})[0].value, 1);
}

TEST_F(NvmlTest, AGpuWithoutAHandleSaysWhy) {
  driver_->gpus[1].handle_code = 15;
  const auto meter = MakeNvml(BAKEOFF_NVML_STAND_IN);
  const auto readings = Window(*meter, {5'001'000, 80'000'000});
  EXPECT_DOUBLE_EQ(*readings[0].value, 1);
  ExpectUnavailable(readings[1], "GPU is lost");
}

TEST_F(NvmlTest, AGpuWithoutACounterIsMeasuredByItsPower) {
  driver_->gpus = {{.power_mw = 40'000, .energy_code = 3}, {.energy_mj = 10}};
  const auto meter = MakeNvml(BAKEOFF_NVML_STAND_IN);
  meter->Start();
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  driver_->gpus[1].energy_mj = 2010;
  meter->Stop();
  const auto readings = meter->Readings();
  ASSERT_TRUE(readings[0].value) << readings[0].reason;
  // 40 W for as long as it was looked at.
  EXPECT_GE(readings[0].seconds, 0.06);
  EXPECT_NEAR(*readings[0].value, 40 * readings[0].seconds, 1e-9);
  EXPECT_THAT(readings[0].source, HasSubstr("nvmlDeviceGetPowerUsage"));
  EXPECT_DOUBLE_EQ(*readings[1].value, 2);
}

TEST_F(NvmlTest, APowerThatCannotBeReadIsNoReading) {
  driver_->gpus = {{.energy_code = 3, .power_code = 3}};
  const auto meter = MakeNvml(BAKEOFF_NVML_STAND_IN);
  ExpectUnavailable(Window(*meter, {})[0], "no energy counter, and its power cannot be read: Not Supported");
}

TEST_F(NvmlTest, ADriverThatDoesNotStartOrKnowsNoGpuIsNotThere) {
  driver_->init_code = 9;
  for (const char* says :
       {"NVML does not start: Driver Not Loaded", "NVML tells no GPUs: GPU is lost", "knows no GPU"}) {
    const auto meter = MakeNvml(BAKEOFF_NVML_STAND_IN);
    EXPECT_FALSE(meter->Present());
    const auto readings = Window(*meter, {});
    ASSERT_EQ(readings.size(), 1u);
    ExpectUnavailable(readings[0], says);
    driver_->gpus.clear();
    driver_->count_code = driver_->init_code == 9 ? 15 : 0;
    driver_->init_code = 0;
  }
}

TEST_F(NvmlTest, ALibraryWithoutTheFunctionIsNamed) {
  const auto meter = MakeNvml(BAKEOFF_NVML_STAND_IN_WITHOUT_ENERGY);
  EXPECT_FALSE(meter->Present());
  ExpectUnavailable(Window(*meter, {})[0], "the driver's NVML has no nvmlDeviceGetTotalEnergyConsumption");
}

}  // namespace
}  // namespace bakeoff::meters
