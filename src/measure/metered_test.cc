// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What becomes of readings: which source speaks for a run, what is taken off, and that nothing unknown becomes 0.
#include "measure/metered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bakeoff::measure {
namespace {

using ::testing::HasSubstr;

Json Source(const char* kind, std::vector<Json> readings) {
  return {{"kind", kind}, {"covers", "something"}, {"readings", readings}};
}
Json Reading(const char* name, double idle_w, double load_j, double net_j) {
  // Windows of two seconds.
  return {{"name", name},     {"idle_w", idle_w}, {"load_w", load_j / 2},
          {"load_j", load_j}, {"net_j", net_j},   {"source", "file"}};
}
Json Absent(const char* name, const char* because) {
  return {{"name", name}, {"reason", std::string("unavailable, because ") + because}};
}
Json Result(std::vector<Json> sources) {
  return {{"energy", {{"idle_s", 2}, {"load_s", 2.0}, {"runs", 100}, {"sources", sources}}}};
}

TEST(Metered, EnergyIsNetOfIdleAndPerInference) {
  // 30 W idle and 50 W under load, for two seconds and 100 inferences: 40 J above idle.
  const Metered metered = MeteredFrom(
      Result({Source("rapl", {Reading("package-0", 20, 70, 30), Reading("dram of package-0", 10, 30, 10)})}), {},
      "cpu");
  EXPECT_DOUBLE_EQ(*metered.joules_per_inference, 0.4);
  EXPECT_DOUBLE_EQ(*metered.idle_w, 30);
  EXPECT_DOUBLE_EQ(*metered.load_w, 50);
  EXPECT_EQ(metered.energy_source, "rapl: something");
  EXPECT_EQ(metered.energy_reason, "");
}

TEST(Metered, TheSourceThatCountsTheDeviceSpeaks) {
  const auto rapl = Source("rapl", {Reading("package-0", 20, 70, 30)});
  const auto nvml = Source("nvml", {Reading("gpu 0", 50, 300, 200)});
  const auto command = Source("command", {Reading("external", 100, 400, 200)});
  EXPECT_THAT(MeteredFrom(Result({rapl, nvml}), {}, "cpu").energy_source, HasSubstr("rapl"));
  EXPECT_THAT(MeteredFrom(Result({rapl, nvml}), {}, "gpu").energy_source, HasSubstr("nvml"));
  EXPECT_THAT(MeteredFrom(Result({rapl, nvml, command}), {}, "cpu").energy_source, HasSubstr("command"));
  // All of them are kept.
  EXPECT_EQ(MeteredFrom(Result({rapl, nvml}), {}, "cpu").energy_readings.size(), 2u);
}

TEST(Metered, WhatTookCpuTimeIsSaidWhereItMatters) {
  const auto note = [](Json contention) {
    return ContentionNote(MeteredFrom({{"contention", std::move(contention)}}, {}, "cpu"));
  };
  EXPECT_EQ(note({{"throttled_periods", 0}, {"throttled_ns", 0}, {"steal_ns", 0}, {"steal_share", 0.0}}), "");
  EXPECT_EQ(note(Json::object()), "");
  EXPECT_THAT(note({{"throttled_periods", 2}, {"throttled_ns", 50'000'000}}),
              HasSubstr("stopped it 2 times while it was measured (50 ms"));
  EXPECT_THAT(note({{"steal_ns", 300'000'000}, {"steal_share", 0.05}}), HasSubstr("gave 5 % of its CPUs"));
  EXPECT_EQ(note({{"steal_ns", 300'000'000}, {"steal_share", 0.009}}), "");
  EXPECT_EQ(note({{"steal_ns", 20'000'000}, {"steal_share", 0.5}}), "");  // two ticks of a short run
}

TEST(Metered, ABoardsInputHasItsOtherRailsInIt) {
  const Metered metered = MeteredFrom(
      Result({Source("hwmon", {Reading("ina3221 VDD_IN", 5, 40, 30), Reading("ina3221 VDD_CPU", 1, 20, 18)})}), {},
      "cpu");
  EXPECT_DOUBLE_EQ(*metered.joules_per_inference, 0.3);
}

TEST(Metered, ThePlatformIsNotAddedToItsPackages) {
  const Json package = Reading("package-0", 20, 70, 30), dram = Reading("dram of package-0", 10, 30, 10),
             psys = Reading("psys", 60, 200, 80);
  const Metered metered = MeteredFrom(Result({Source("rapl", {package, dram, psys})}), {}, "cpu");
  EXPECT_DOUBLE_EQ(*metered.joules_per_inference, 0.4);
  EXPECT_DOUBLE_EQ(*metered.load_w, 50);
  EXPECT_EQ(metered.energy_source, "rapl: something; psys, which has them in it, is not added");
  EXPECT_EQ(metered.energy_readings[0]["readings"].size(), 3u);
  // It does not stand in for a package that cannot be read, and where it cannot be read nothing is missing.
  EXPECT_FALSE(
      MeteredFrom(Result({Source("rapl", {Absent("package-0", "no"), psys})}), {}, "cpu").joules_per_inference);
  EXPECT_TRUE(MeteredFrom(Result({Source("rapl", {package, Absent("psys", "no")})}), {}, "cpu").joules_per_inference);
  const Metered alone = MeteredFrom(Result({Source("rapl", {psys})}), {}, "cpu");
  EXPECT_DOUBLE_EQ(*alone.joules_per_inference, 0.8);
  EXPECT_EQ(alone.energy_source, "rapl: psys, the platform with all that runs on it");
}

TEST(Metered, APartThatCannotBeReadIsNoPartOfATotal) {
  const Json package = Reading("package-0", 20, 70, 30);
  const Metered metered = MeteredFrom(
      Result({Source("rapl", {package, Absent("package-1", "package-1/energy_uj cannot be read")})}), {}, "cpu");
  EXPECT_FALSE(metered.joules_per_inference || metered.idle_w || metered.load_w);
  EXPECT_EQ(metered.energy_source, "");
  EXPECT_EQ(metered.energy_reason,
            "unavailable, because package-1/energy_uj cannot be read, and what else was read is not the whole");
  // Memory beside the packages is named.
  const Metered partial =
      MeteredFrom(Result({Source("rapl", {package, Absent("dram of package-0", "it did not move")})}), {}, "cpu");
  EXPECT_DOUBLE_EQ(*partial.joules_per_inference, 0.3);
  EXPECT_EQ(partial.energy_source, "rapl: something; without dram of package-0: it did not move");
}

TEST(Metered, LoadThatIsNotAboveIdleHasNoJoules) {
  // 35 W under load, and as much or more while idle.
  for (const double idle_w : {35.0, 36.0}) {
    const Metered metered =
        MeteredFrom(Result({Source("rapl", {Reading("package-0", idle_w, 70, 70 - 2 * idle_w)})}), {}, "cpu");
    EXPECT_FALSE(metered.joules_per_inference);
    EXPECT_DOUBLE_EQ(*metered.idle_w, idle_w);
    EXPECT_DOUBLE_EQ(*metered.load_w, 35);
    EXPECT_EQ(metered.energy_reason, idle_w == 35.0
                                         ? "unavailable, because 35 W under load were not above 35 W while idle"
                                         : "unavailable, because 35 W under load were not above 36 W while idle");
  }
  Json none = Result({Source("rapl", {Reading("package-0", 20, 70, 30)})});
  none["energy"]["runs"] = 0;
  EXPECT_EQ(MeteredFrom(none, {}, "cpu").energy_reason, "unavailable, because no inference ended in the loaded window");
}

TEST(Metered, WhatIsNotReadHasAReasonAndNoNumber) {
  const Metered absent = MeteredFrom(Result({Source("rapl", {Absent("package", "there is no RAPL zone")}),
                                             Source("hwmon", {Absent("board", "no sensor tells power")})}),
                                     {}, "cpu");
  EXPECT_FALSE(absent.joules_per_inference);
  EXPECT_EQ(absent.energy_reason, "unavailable, because there is no RAPL zone; no sensor tells power");
  EXPECT_FALSE(absent.load_pss_bytes || absent.minor_faults || absent.growth_bytes);
  EXPECT_EQ(MeteredFrom(Json::object(), {}, "cpu").energy_reason,
            "unavailable, because the worker made no energy pass");
}

TEST(Metered, ACancelledPassIsItsReason) {
  const Json reason = {{"reason", "unavailable, because the pass was cancelled"}};
  const Metered metered = MeteredFrom({{"energy", reason}, {"memory_growth", reason}}, {}, "cpu");
  EXPECT_EQ(metered.energy_reason, "unavailable, because the pass was cancelled");
  EXPECT_EQ(metered.growth_reason, "unavailable, because the pass was cancelled");
  EXPECT_FALSE(metered.joules_per_inference || metered.growth_bytes);
}

TEST(Metered, TheBufferForSamplesIsTakenOff) {
  const Metered metered =
      MeteredFrom({{"memory_first", {{"pss_bytes", 900}, {"uss_bytes", 850}, {"pss_file_bytes", 40}}},
                   {"memory_steady", {{"pss_bytes", 1500}, {"uss_bytes", 1200}}},
                   {"sample_buffer_bytes", 500}},
                  {{"pss_bytes", 800}, {"uss_bytes", 750}, {"pss_file_bytes", 30}}, "cpu");
  EXPECT_EQ(metered.load_uss_bytes, 750);
  EXPECT_EQ(metered.load_pss_file_bytes, 30);
  EXPECT_EQ(metered.first_uss_bytes, 850);
  EXPECT_EQ(metered.first_pss_file_bytes, 40);
  EXPECT_EQ(metered.load_pss_bytes, 800);
  EXPECT_EQ(metered.first_pss_bytes, 900);
  EXPECT_EQ(metered.steady_pss_bytes, 1000);
  EXPECT_EQ(metered.steady_uss_bytes, 700);
}

TEST(Metered, GrowthIsNamedOnlyWhereItIsProvedAndMatters) {
  Metered metered{.growth_bytes = 1024, .growth_low_bytes = 900, .growth_high_bytes = 1150, .growth_runs = 1000};
  EXPECT_EQ(GrowthNote(metered), "memory grows by 1024 bytes per inference (99 %: 900 to 1150)");
  metered.growth_low_bytes = -1;
  EXPECT_EQ(GrowthNote(metered), "");
  metered.growth_low_bytes = 900;
  metered.growth_runs = 20;
  EXPECT_EQ(GrowthNote(metered), "");
  EXPECT_EQ(GrowthNote({}), "");
}

}  // namespace
}  // namespace bakeoff::measure
