// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which rows are compared with which, what bounds say, and what an exit code is for.
#include "measure/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"

namespace bakeoff::measure {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct Row {
  std::string engine = "a";
  int threads = 1;
  std::string status = "ok";
  int samples = 500;
  Json options = Json::object();
};

// One record per value: value k is that of repetition k + 1, in milliseconds.
void Add(Side& side, const Row& row, const std::vector<double>& values) {
  int repetition = 0;
  for (const double value : values) {
    Json p50 = row.status == "ok" ? Json(value * 1e6) : Json();
    side.records.push_back({{"engine", row.engine},
                            {"version", "1"},
                            {"model", "net"},
                            {"format", "onnx"},
                            {"scenario", "single-stream"},
                            {"device", "cpu"},
                            {"threads", row.threads},
                            {"streams", 1},
                            {"batch", 1},
                            {"precision", "f32"},
                            {"options", row.options},
                            {"repetition", ++repetition},
                            {"status", row.status},
                            {"error", nullptr},
                            {"samples", row.samples},
                            {"latency_ns", {{"p50", p50}, {"p99", row.samples < 459 ? Json() : p50}}},
                            {"throughput_per_s", 1000 / value},
                            {"cpu", {{"time_ns", 2e6 * row.samples}}}});
  }
}

Side SideWith(const std::string& label, const Row& row, const std::vector<double>& values, int64_t campaign = 0) {
  Side side{.label = label, .campaign = campaign, .machine = {}, .environment = {}, .records = {}, .notes = {}};
  Add(side, row, values);
  return side;
}

CompareResult Compared(const Side& a, const Side& b, const std::string& metric = "p50",
                       const std::vector<std::string>& conditions = {}) {
  std::vector<Condition> parsed;
  for (const std::string& text : conditions) parsed.push_back(ParseCondition(text));
  return CompareSides(a, b, {&MetricNamed("--metric", metric)}, parsed);
}

const std::vector<double> kTen = {10, 10.1, 10.05, 9.95, 10.02};
const std::vector<double> kEleven = {11, 11.1, 11.05, 10.95, 11.02};

TEST(Compare, ASlowerRowIsARegressionAndAFasterOneIsNone) {
  const CompareResult worse = Compared(SideWith("x", {}, kTen), SideWith("y", {}, kEleven));
  ASSERT_EQ(worse.rows.size(), 1u);
  EXPECT_EQ(worse.rows[0].comparison.verdict, Verdict::kSlower);
  EXPECT_NEAR(*worse.rows[0].comparison.ratio, 1.0998, 1e-3);
  EXPECT_NEAR(*worse.rows[0].middle_b, 11.024e6, 1e4);
  EXPECT_EQ(ExitCode(worse), 1);
  EXPECT_EQ(ExitCode(Compared(SideWith("x", {}, kEleven), SideWith("y", {}, kTen))), 0);
}

TEST(Compare, AnUnknownMachineAndAnotherOneAreTold) {
  Side a = SideWith("x", {}, kTen), b = SideWith("y", {}, kTen);
  b.machine = {{"cpu_model", "One"}, {"kernel", "6"}};
  EXPECT_THAT(Compared(a, b).notes, Contains(HasSubstr("nothing tells on which machine A was measured")));
  a.machine = {{"cpu_model", "Other"}, {"kernel", "6"}};
  EXPECT_THAT(Compared(a, b).notes, testing::ElementsAre("the machines differ: cpu_model \"Other\" / \"One\""));
  a.machine = b.machine;
  EXPECT_THAT(Compared(a, b).notes, testing::IsEmpty());
}

TEST(Compare, OfThroughputMoreIsBetter) {
  const CompareResult result = Compared(SideWith("x", {}, kTen), SideWith("y", {}, kEleven), "throughput");
  EXPECT_EQ(result.rows[0].comparison.verdict, Verdict::kSlower);
  EXPECT_NEAR(*result.rows[0].comparison.ratio, 1 / 1.0998, 1e-3);
  EXPECT_LT(*result.rows[0].comparison.low, *result.rows[0].comparison.high);
  EXPECT_LT(*result.rows[0].comparison.high, 1);
}

TEST(Compare, CpuTimeIsPerInference) {
  const CompareResult result =
      Compared(SideWith("x", {.samples = 500}, kTen), SideWith("y", {.samples = 900}, kTen), "cpu");
  EXPECT_NEAR(*result.rows[0].middle_a, 2e6, 1);
  EXPECT_EQ(result.rows[0].comparison.verdict, Verdict::kTie);
}

TEST(Compare, RowsAreMatchedByWhatTheyMeasureAndTheOthersAreNamed) {
  Side a = SideWith("x", {.engine = "a"}, kTen), b = SideWith("y", {.engine = "c"}, kTen);
  Add(a, {.engine = "b"}, kTen);
  Add(b, {.engine = "b"}, kEleven);
  const CompareResult result = Compared(a, b);
  ASSERT_EQ(result.rows.size(), 1u);
  EXPECT_EQ(result.rows[0].b.engine, "b");
  ASSERT_EQ(result.only_a.size(), 1u);
  EXPECT_EQ(result.only_a[0].engine, "a");
  ASSERT_EQ(result.only_b.size(), 1u);
  EXPECT_EQ(result.only_b[0].engine, "c");
}

TEST(Compare, ARowWhoseSettingWasChangedIsComparedWithWhatItWas) {
  const auto side = [](const std::string& label, const std::vector<Json>& options, const std::vector<double>& values) {
    Side made = SideWith(label, {.engine = "b"}, kTen);
    for (const Json& each : options) Add(made, {.engine = "a", .options = each}, values);
    return made;
  };
  const Side before = side("x", {{{"streams", "1"}, {"tune", "no"}}}, kTen);
  const CompareResult changed =
      Compared(before, side("y", {{{"streams", "2"}, {"arena", "off"}, {"tune", "no"}}}, kEleven));
  ASSERT_EQ(changed.rows.size(), 2u);
  EXPECT_EQ(changed.rows[1].a.engine, "a");
  EXPECT_EQ(changed.rows[1].comparison.verdict, Verdict::kSlower);
  EXPECT_TRUE(changed.only_a.empty() && changed.only_b.empty());
  EXPECT_THAT(changed.notes, Contains("a: another setting of the same row: arena its default / off, streams 1 / 2"));
  EXPECT_EQ(ExitCode(changed), 1);
  EXPECT_EQ(changed.rows[1].changed, "arena its default / off, streams 1 / 2");
  EXPECT_EQ(changed.rows[0].changed, "");
  // Two rows that it may have become: neither is held against it.
  const CompareResult two = Compared(before, side("y", {{{"streams", "2"}}, {{"streams", "3"}}}, kEleven));
  EXPECT_EQ(two.rows.size(), 1u);
  EXPECT_EQ(two.only_a.size(), 1u);
  EXPECT_EQ(two.only_b.size(), 2u);
  // One of them is nearer.
  const CompareResult list =
      Compared(side("x", {{{"level", "1"}}, {{"level", "2"}}}, kTen),
               side("y", {{{"level", "2"}, {"arena", "off"}}, {{"level", "1"}, {"arena", "off"}}}, kTen));
  ASSERT_EQ(list.rows.size(), 3u);
  for (const size_t i : {1u, 2u}) {
    EXPECT_EQ(list.rows[i].a.options.at("level"), list.rows[i].b.options.at("level"));
    EXPECT_EQ(list.rows[i].changed, "arena its default / off");
  }
}

TEST(Compare, OfAChangeTheSameWorkIsComparedAndNothingElse) {
  const auto changes = [](const Side& a, const Side& b) {
    return CompareSides(a, b, {&MetricNamed("--metric", "p50")}, {}, false, Matching::kChanges);
  };
  const CompareResult threads = changes(SideWith("x", {.threads = 1}, kTen), SideWith("y", {.threads = 2}, kEleven));
  ASSERT_EQ(threads.rows.size(), 1u);
  EXPECT_EQ(threads.rows[0].changed, "threads 1 / 2");
  EXPECT_THAT(threads.notes, Contains("a: another setting of the same row: threads 1 / 2"));
  // An inference of another batch is other work, and another engine another row: neither is an error.
  Side batch = SideWith("y", {}, kEleven);
  for (Json& record : batch.records) record["batch"] = 8;
  for (const Side& other : {batch, SideWith("y", {.engine = "b"}, kEleven)}) {
    const CompareResult none = changes(SideWith("x", {}, kTen), other);
    EXPECT_TRUE(none.rows.empty());
    EXPECT_EQ(none.only_a.size() + none.only_b.size(), 2u);
  }
}

TEST(Compare, WhatAllRowsHaveOtherwiseIsWhatIsCompared) {
  Side a = SideWith("x", {.engine = "a", .threads = 1}, kTen), b = SideWith("y", {.engine = "a", .threads = 2}, kTen);
  Add(a, {.engine = "b", .threads = 1}, kTen);
  Add(b, {.engine = "b", .threads = 2}, kEleven);
  const CompareResult result = Compared(a, b);
  ASSERT_EQ(result.rows.size(), 2u);
  EXPECT_EQ(result.rows[1].a.engine, "b");
  EXPECT_EQ(result.rows[1].comparison.verdict, Verdict::kSlower);
  EXPECT_THAT(result.notes, Contains("A and B differ in threads (1 / 2)"));
}

TEST(Compare, RowsThatCannotBeToldApartFails) {
  Side a = SideWith("x", {.threads = 1}, kTen);
  Add(a, {.threads = 2}, kTen);
  try {
    Compared(a, SideWith("y", {.threads = 4}, kTen));
    FAIL() << "should have thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.text(), HasSubstr("they differ in threads (1, 2 / 4)"));
  }
}

TEST(Compare, RunsThatWereTakenOverAreNotComparedWithThemselves) {
  Side a = SideWith("x", {}, kTen, 5);
  Side b = SideWith("y", {}, kTen, 6);
  a.machine = b.machine = {{"cpu_model", "One"}};
  for (Json& record : b.records) record["reused_from"] = 1;
  Add(b, {.threads = 2}, kTen);
  const CompareResult result = Compared(a, b);
  EXPECT_TRUE(result.rows.empty());
  EXPECT_EQ(result.only_b.size(), 1u);
  ASSERT_EQ(result.notes.size(), 1u);
  EXPECT_THAT(result.notes[0], HasSubstr("1 row of B is A's own runs"));
  EXPECT_EQ(ExitCode(result), 0);
  // The same row, measured again in between.
  EXPECT_EQ(Compared(SideWith("x", {}, kEleven, 5), b).rows.size(), 1u);
}

TEST(Compare, RepetitionsThatWereTakenOverAreLeftOut) {
  Side a = SideWith("x", {}, {10, 10.1, 10.2}, 5), b = SideWith("y", {}, {10, 10.1, 10.2, 20, 20.1, 20.2}, 6);
  for (int i = 0; i < 3; ++i) b.records[static_cast<size_t>(i)]["reused_from"] = 1 + i;
  const CompareResult result = Compared(a, b);
  ASSERT_EQ(result.rows.size(), 1u);
  EXPECT_EQ(result.rows[0].values_b, (std::vector<double>{20e6, 20.1e6, 20.2e6}));
  EXPECT_THAT(result.notes, Contains(HasSubstr("1 row of B has repetitions that are A's own")));
}

TEST(Compare, ARowIsComparedByWhatRanksItsScenario) {
  const auto metric = [](const std::string& scenario, int samples) {
    Side a = SideWith("x", {.samples = samples}, kTen), b = SideWith("y", {.samples = samples}, kEleven);
    for (Side* side : {&a, &b}) {
      for (Json& record : side->records) record["scenario"] = scenario;
    }
    return std::string(CompareSides(a, b, {}, {}).rows.at(0).metric->name);
  };
  EXPECT_EQ(metric("single-stream", 500), "p50");
  EXPECT_EQ(metric("offline", 500), "throughput");
  EXPECT_EQ(metric("dataset", 500), "throughput");
  EXPECT_EQ(metric("server", 500), "p99");
  EXPECT_EQ(metric("server", 100), "p50");
}

TEST(Compare, OnlyRoundsOfOneCampaignArePaired) {
  EXPECT_TRUE(Compared(SideWith("x", {.threads = 1}, kTen, 5), SideWith("y", {.threads = 2}, kTen, 5)).rows[0].paired);
  EXPECT_FALSE(Compared(SideWith("x", {}, kTen, 5), SideWith("y", {}, kTen, 6)).rows[0].paired);
  EXPECT_FALSE(Compared(SideWith("x", {}, kTen), SideWith("y", {}, kTen)).rows[0].paired);
  Side earlier = SideWith("y", {.threads = 2}, kTen, 5);
  earlier.records[0]["reused_from"] = 3;
  EXPECT_FALSE(Compared(SideWith("x", {.threads = 1}, kTen, 5), earlier).rows[0].paired);
  // Both taken over: from the rounds of one campaign, from two, and from nobody knows where.
  const auto taken_over = [](int threads, const Json& campaign) {
    Side side = SideWith("z", {.threads = threads}, threads == 1 ? kTen : kEleven, 5);
    int64_t id = 10 * threads;
    for (Json& record : side.records) record.update({{"reused_from", ++id}, {"reused_campaign", campaign}});
    return side;
  };
  EXPECT_TRUE(Compared(taken_over(1, 3), taken_over(2, 3)).rows[0].paired);
  EXPECT_FALSE(Compared(taken_over(1, 3), taken_over(2, 4)).rows[0].paired);
  EXPECT_FALSE(Compared(taken_over(1, {}), taken_over(2, {})).rows[0].paired);
  // One repetition less: the pairs are not known any more.
  EXPECT_FALSE(Compared(SideWith("x", {.threads = 1}, kTen, 5), SideWith("y", {.threads = 2}, {10, 10, 10.1, 10}, 5))
                   .rows[0]
                   .paired);
}

TEST(Compare, TooLittleIsRefusedWithWhatWouldDo) {
  const CompareResult few = Compared(SideWith("x", {}, kTen), SideWith("y", {}, {20}));
  EXPECT_EQ(few.rows[0].comparison.verdict, Verdict::kUnclear);
  EXPECT_THAT(few.rows[0].comparison.reason,
              HasSubstr("B has 1 repetition, a verdict needs 3: measure it with --repeat 3"));
  EXPECT_EQ(ExitCode(few), 5);
  const CompareResult short_ones = Compared(SideWith("x", {}, kTen), SideWith("y", {.samples = 100}, kTen), "p99");
  EXPECT_THAT(short_ones.rows[0].comparison.reason,
              HasSubstr("B has 100 samples in a repetition, p99 needs 459: measure it with --count 459"));
  const CompareResult wide = Compared(SideWith("x", {}, {10, 12, 9}), SideWith("y", {}, {11, 9.5, 13}));
  EXPECT_EQ(wide.rows[0].comparison.verdict, Verdict::kUnclear);
  ASSERT_TRUE(wide.rows[0].comparison.repetitions_needed);
  EXPECT_GT(*wide.rows[0].comparison.repetitions_needed, 3u);
  EXPECT_THAT(wide.rows[0].comparison.reason, HasSubstr("--repeat"));
}

TEST(Compare, TheRepetitionsThatAreSaidToBeNeededDecide) {
  // The same numbers again and again: the spread stays, the number grows.
  const std::vector<double> a = {10, 12, 9}, b = {11, 13.5, 10};
  const auto needed = Compare(a, b, false).repetitions_needed;
  ASSERT_TRUE(needed);
  const auto again = [](const std::vector<double>& values, size_t count) {
    std::vector<double> more;
    for (size_t i = 0; i < count; ++i) more.push_back(values[i % values.size()]);
    return more;
  };
  EXPECT_NE(Compare(again(a, *needed + 2), again(b, *needed + 2), false).verdict, Verdict::kUnclear);
  EXPECT_EQ(Compare(again(a, *needed / 2), again(b, *needed / 2), false).verdict, Verdict::kUnclear);
}

TEST(Compare, TroubleOfBHasItsOwnExitCodes) {
  const Side good = SideWith("x", {}, kTen);
  for (const auto& [status, code] :
       {std::pair("mismatch", 4), std::pair("failed", 3), std::pair("skipped", 6), std::pair("saturated", 1)})
    EXPECT_EQ(ExitCode(Compared(good, SideWith("y", {.status = status}, kTen))), code) << status;
  // What was so before is no news, and nothing that can be compared.
  EXPECT_EQ(ExitCode(Compared(SideWith("x", {.status = "skipped"}, kTen), SideWith("y", {.status = "skipped"}, kTen))),
            0);
  EXPECT_EQ(ExitCode(Compared(SideWith("x", {.status = "failed"}, kTen), good)), 0);
}

TEST(Compare, AnEngineThatIsMissingInBIsAnAlarm) {
  Side a = SideWith("x", {.engine = "a"}, kTen);
  Add(a, {.engine = "b"}, kTen);
  const Side b = SideWith("y", {.engine = "b"}, kTen);
  for (const auto& conditions : {std::vector<std::string>{}, {"p50 > +5%"}}) {
    const CompareResult result = Compared(a, b, "p50", conditions);
    EXPECT_EQ(ExitCode(result), 6);
    EXPECT_THAT(result.notes, Contains(HasSubstr("the engine a of A has no row in B")));
  }
  EXPECT_EQ(ExitCode(Compared(b, a)), 0);
  // Without numbers in A, or compared with another engine, nothing is lost.
  Side skipped = SideWith("x", {.engine = "b"}, kTen);
  Add(skipped, {.engine = "a", .status = "skipped"}, kTen);
  EXPECT_EQ(ExitCode(Compared(skipped, b)), 0);
  EXPECT_EQ(ExitCode(Compared(SideWith("x", {.engine = "a"}, kTen), b)), 0);
}

TEST(Condition, IsBrokenOnlyByAProvedChangeBeyondIt) {
  const Side ten = SideWith("x", {}, kTen), eleven = SideWith("y", {}, kEleven);
  EXPECT_EQ(ExitCode(Compared(ten, eleven, "p50", {"p50 > +5%"})), 1);
  EXPECT_EQ(ExitCode(Compared(ten, eleven, "p50", {"p50 > 15 %"})), 0);
  EXPECT_EQ(ExitCode(Compared(ten, eleven, "p50", {"throughput < -5%"})), 1);
  EXPECT_EQ(ExitCode(Compared(ten, eleven, "p50", {"throughput<-15%"})), 0);
  EXPECT_EQ(ExitCode(Compared(eleven, ten, "p50", {"p50 > 5%"})), 0);
  // Nobody knows: neither held nor broken.
  EXPECT_EQ(ExitCode(Compared(SideWith("x", {}, {10, 12, 9}), SideWith("y", {}, {11, 9.5, 13}), "p50", {"p50 > 5%"})),
            5);
  // A metric of a condition is compared as well, once.
  EXPECT_EQ(Compared(ten, eleven, "p50", {"throughput < -5%", "p50 > 5%"}).rows.size(), 2u);
}

TEST(Condition, TextsThatAreNoneFails) {
  for (const char* text : {"p50", "p50 > 5", "p50 > x%", "> 5%", "p50 = 5%", "p49 > 5%", "p50 > -5%", "throughput < 5%",
                           "throughput < -100%"})
    EXPECT_THROW(ParseCondition(text), Error) << text;
}

TEST(Compare, CsvHasALinePerRowAndMetric) {
  const std::string csv =
      ToCsv(Compared(SideWith("x", {}, kTen), SideWith("y", {}, kEleven), "p50", {"throughput < -5%"}));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_THAT(csv, HasSubstr(",slower,"));
}

}  // namespace
}  // namespace bakeoff::measure
