// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Energy from recorded trees under /sys, wrap-around included; from a command; and what is said where there is none.
#include "energy_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace bakeoff::meters {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A tree of files as a machine's /sys.
class Tree : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("bakeoff-meters-" + std::to_string(getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void Put(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << "\n";
  }
  void Zone(const std::string& folder, const std::string& name, const std::string& energy) {
    const std::string at = "sys/class/powercap/" + folder + "/";
    Put(at + "name", name);
    Put(at + "energy_uj", energy);
    Put(at + "max_energy_range_uj", "262143328850");
  }
  // The readings by name: joules, or the reason.
  static std::map<std::string, Reading> ByName(const Meter& meter) {
    std::map<std::string, Reading> readings;
    for (const Reading& reading : meter.Readings()) readings[reading.name] = reading;
    return readings;
  }

  fs::path root_;
};

TEST_F(Tree, RaplTellsJoulesOfEachPackageAndItsMemory) {
  // As on a machine with two sockets: core and uncore lie within the package and are left out.
  Put("sys/class/powercap/intel-rapl/enabled", "1");
  Zone("intel-rapl:0", "package-0", "1000000");
  Zone("intel-rapl:0:0", "core", "500000");
  Zone("intel-rapl:0:1", "dram", "200000");
  Zone("intel-rapl:1", "package-1", "7000000");
  Zone("intel-rapl-mmio:0", "package-0", "1000000");
  const auto meter = MakeRapl(root_);
  meter->Start();
  Put("sys/class/powercap/intel-rapl:0/energy_uj", "13500000");
  Put("sys/class/powercap/intel-rapl:0:0/energy_uj", "9000000");
  Put("sys/class/powercap/intel-rapl:0:1/energy_uj", "1200000");
  meter->Stop();
  const auto readings = ByName(*meter);
  ASSERT_EQ(readings.size(), 3u);
  EXPECT_DOUBLE_EQ(*readings.at("package-0").value, 12.5);
  EXPECT_DOUBLE_EQ(*readings.at("dram of package-0").value, 1.0);
  // A counter that stands still measured nothing: that is not 0 J.
  EXPECT_FALSE(readings.at("package-1").value);
  EXPECT_THAT(readings.at("package-1").reason, HasSubstr("intel-rapl:1/energy_uj did not move"));
  EXPECT_EQ(readings.at("package-0").unit, "J");
  EXPECT_THAT(readings.at("package-0").source, HasSubstr("intel-rapl:0/energy_uj"));
}

TEST_F(Tree, RaplTellsThePlatformByItsOwnName) {
  // As on a laptop: psys is a zone beside the package and has it in it. metered_test.cc has what becomes of it.
  Zone("intel-rapl:0", "package-0", "1000000");
  Zone("intel-rapl:0:0", "core", "500000");
  Zone("intel-rapl:1", "psys", "3000000");
  const auto meter = MakeRapl(root_);
  meter->Start();
  Put("sys/class/powercap/intel-rapl:0/energy_uj", "2000000");
  Put("sys/class/powercap/intel-rapl:1/energy_uj", "6000000");
  meter->Stop();
  const auto readings = ByName(*meter);
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_DOUBLE_EQ(*readings.at("package-0").value, 1.0);
  EXPECT_DOUBLE_EQ(*readings.at("psys").value, 3.0);
}

TEST_F(Tree, RaplKnowsThatTheCounterWraps) {
  Zone("intel-rapl:0", "package-0", "262143000000");
  const auto meter = MakeRapl(root_);
  meter->Start();
  Put("sys/class/powercap/intel-rapl:0/energy_uj", "5000000");
  meter->Stop();
  // By hand: 262143328850 - 262143000000 + 5000000 = 5328850 uJ.
  EXPECT_DOUBLE_EQ(*meter->Readings()[0].value, 5.328850);
  // The next window begins where this one ended.
  meter->Start();
  Put("sys/class/powercap/intel-rapl:0/energy_uj", "6000000");
  meter->Stop();
  EXPECT_DOUBLE_EQ(*meter->Readings()[0].value, 1.0);
}

TEST_F(Tree, AWrapWithoutARangeIsNoReading) {
  Zone("intel-rapl:0", "package-0", "900");
  Put("sys/class/powercap/intel-rapl:0/max_energy_range_uj", "0");
  const auto meter = MakeRapl(root_);
  meter->Start();
  Put("sys/class/powercap/intel-rapl:0/energy_uj", "5");
  meter->Stop();
  EXPECT_FALSE(meter->Readings()[0].value);
  EXPECT_THAT(meter->Readings()[0].reason, HasSubstr("wrapped"));
}

TEST_F(Tree, WhatIsNotThereIsUnavailableAndNotZero) {
  for (const auto& meter : {MakeRapl(root_), MakeHwmon(root_), MakeNvml("libbakeoff-absent.so.1")}) {
    meter->Start();
    meter->Stop();
    const auto readings = meter->Readings();
    ASSERT_EQ(readings.size(), 1u);
    EXPECT_FALSE(readings[0].value);
    EXPECT_THAT(readings[0].reason, ::testing::StartsWith("unavailable, because "));
  }
  // A counter that only root may read, for another user.
  Zone("intel-rapl:0", "package-0", "no number");
  const auto meter = MakeRapl(root_);
  meter->Start();
  meter->Stop();
  EXPECT_FALSE(meter->Readings()[0].value);
  EXPECT_THAT(meter->Readings()[0].reason, HasSubstr("energy_uj has no number in it but 'no number'"));
}

TEST_F(Tree, HwmonIntegratesPower) {
  // A Jetson's INA3221 with one rail of two in use, and a chip that tells microwatts.
  Put("sys/class/hwmon/hwmon1/name", "ina3221");
  Put("sys/class/hwmon/hwmon1/in1_label", "VDD_IN");
  Put("sys/class/hwmon/hwmon1/in1_input", "5000");
  Put("sys/class/hwmon/hwmon1/curr1_input", "2000");
  Put("sys/class/hwmon/hwmon1/in7_input", "30");
  Put("sys/class/hwmon/hwmon2/name", "chip");
  Put("sys/class/hwmon/hwmon2/power1_input", "4000000");
  const auto meter = MakeHwmon(root_);
  const auto begin = std::chrono::steady_clock::now();
  meter->Start();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  meter->Stop();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto readings = ByName(*meter);
  ASSERT_EQ(readings.size(), 2u);
  // 10 W and 4 W; the window is no longer than what was measured around it.
  EXPECT_GE(*readings.at("ina3221 VDD_IN").value, 10 * 0.2);
  EXPECT_LE(*readings.at("ina3221 VDD_IN").value, 10 * seconds);
  EXPECT_NEAR(*readings.at("chip 1").value / *readings.at("ina3221 VDD_IN").value, 0.4, 1e-9);
}

TEST(Integrate, IsTheTrapezoidRule) {
  EXPECT_EQ(Integrate({}), std::nullopt);
  EXPECT_EQ(Integrate({{1, 5}}), std::nullopt);
  EXPECT_DOUBLE_EQ(*Integrate({{0, 10}, {2, 20}, {3, 0}}), 30 + 10);
}

TEST(PowerCommand, ItsLinesHoldUntilTheNext) {
  const auto meter = MakePowerCommand("echo 10; sleep 0.2; echo 30; sleep 60");
  const auto begin = std::chrono::steady_clock::now();
  meter->Start();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  meter->Stop();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ASSERT_TRUE(meter->Readings()[0].value) << meter->Readings()[0].reason;
  // Between 10 W and 30 W for the whole time; nothing is left running, or Stop() would take a minute.
  EXPECT_GT(*meter->Readings()[0].value, 10 * 0.5);
  EXPECT_LT(*meter->Readings()[0].value, 30 * seconds);
  EXPECT_LT(seconds, 10);
}

TEST(PowerCommand, WhatPrintsNoWattsIsUnavailable) {
  for (const auto& [command, says] : {std::pair("echo hot", "'hot', which is no number of watts"),
                                      std::pair("exit 0", "printed no number"), std::pair("echo -5", "'-5'")}) {
    const auto meter = MakePowerCommand(command);
    meter->Start();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    meter->Stop();
    EXPECT_FALSE(meter->Readings()[0].value);
    EXPECT_THAT(meter->Readings()[0].reason, HasSubstr(says));
  }
}

}  // namespace
}  // namespace bakeoff::meters
