// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Settings, plans, orders and summaries.
#include "measure/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "bakeoff/error.h"
#include "measure/stand_in.h"
#include "measure/summary.h"

namespace bakeoff::measure {
namespace {

using testing::HasSubstr;

Settings Two() {
  Settings settings;
  settings.models = {{.path = "a/net.onnx", .format = "onnx", .inputs = {}, .outputs = {}, .layouts = {}}};
  settings.engines = {Present("one"), Present("two")};
  return settings;
}

template <typename Function>
std::string Refusal(ErrorCode code, Function function) {
  try {
    function();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.text();
    return error.text();
  }
  return "accepted";
}

TEST(Plan, IsTheProductOfEverythingAsked) {
  Settings settings = Two();
  settings.threads = {1, 2};
  settings.batches = {1, 8, 32};
  settings.scenarios = {"single-stream", "offline"};
  AddOptions({{"one.mode", "fast,slow"}, {"one.level", "3"}}, settings);
  const auto plan = MakePlan(settings);
  EXPECT_EQ(plan.size(), 2u * 3 * 2 * 2 + 2u * 3 * 2);
  std::set<std::string> titles;
  for (const Configuration& row : plan) titles.insert(Title(row));
  EXPECT_EQ(titles.size(), plan.size());
  for (const Configuration& row : plan) EXPECT_EQ(row.streams, row.scenario == "offline" ? row.threads : 1);
}

TEST(Plan, AModelFolderGoesWholeToAnEngineThatReadsOnlyFolders) {
  Settings settings = Two();
  settings.models[0].path = "a/net/model.pt";
  settings.models[0].format = "torchscript";
  settings.models[0].folder = "a/net";
  settings.engines[0].info.reads = {"exported", "folder"};
  settings.engines[1].info.reads = {"torchscript", "folder"};
  const auto plan = MakePlan(settings);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].status, RunStatus::kOk) << plan[0].reason;
  EXPECT_EQ(plan[0].artifact.path, "a/net");
  EXPECT_EQ(plan[0].artifact.format, "folder");
  EXPECT_EQ(plan[1].artifact.path, "a/net/model.pt");
  EXPECT_EQ(plan[0].model, plan[1].model) << "one network, one group of rows";
  settings.models[0].folder.clear();
  EXPECT_EQ(MakePlan(settings)[0].status, RunStatus::kUnsupported);
}

TEST(Plan, EachRoundHasEveryRowOnceAndItsOwnOrder) {
  Settings settings = Two();
  settings.threads = {1, 2, 3, 4};
  const auto plan = MakePlan(settings);
  const auto order = MakeOrder(plan, 3, 5);
  ASSERT_EQ(order.size(), 24u);
  std::set<std::vector<size_t>> rounds;
  for (size_t round = 0; round < 3; ++round) {
    std::vector<size_t> rows;
    for (size_t i = 0; i < 8; ++i) {
      EXPECT_EQ(order[round * 8 + i].repetition, static_cast<int>(round) + 1);
      rows.push_back(order[round * 8 + i].configuration);
    }
    EXPECT_EQ(std::set(rows.begin(), rows.end()).size(), 8u);
    rounds.insert(rows);
  }
  EXPECT_EQ(rounds.size(), 3u);
  const auto again = MakeOrder(plan, 3, 5);
  const auto other = MakeOrder(plan, 3, 6);
  const auto same = [&](const auto& one) {
    for (size_t i = 0; i < order.size(); ++i) {
      if (one[i].configuration != order[i].configuration) return false;
    }
    return true;
  };
  EXPECT_TRUE(same(again));
  EXPECT_FALSE(same(other));
}

TEST(Settings, WrongOptionsFail) {
  const auto refusal = [](const std::string& name, const std::string& value) {
    Settings settings = Two();
    return Refusal(ErrorCode::kUsage, [&] { AddOptions({{name, value}}, settings); });
  };
  EXPECT_THAT(refusal("one.mod", "fast"), HasSubstr("did you mean 'mode'"));
  EXPECT_THAT(refusal("one.mod", "fast"), HasSubstr("it has: mode, level"));
  EXPECT_THAT(refusal("one.mode", "fast,quick"), HasSubstr("one.mode=quick: not one of fast, slow"));
  EXPECT_THAT(refusal("tow.mode", "fast"), HasSubstr("did you mean 'two'"));
  EXPECT_THAT(refusal("mode", "fast"), HasSubstr("ENGINE.OPTION=VALUE"));
}

TEST(Settings, ContradictionsFail) {
  Settings settings = Two();
  settings.batches = {1, 8};
  settings.shapes = {{"x", {1, 3}}};
  CheckSettings(settings);  // 1 is how people write the shape of one sample
  settings.shapes = {{"x", {4, 3}}};
  EXPECT_THAT(Refusal(ErrorCode::kUsage, [&] { CheckSettings(settings); }),
              HasSubstr("--batch 1 contradicts --shape x=4x3"));
  settings.shapes = {};
  settings.reference = "on";
  EXPECT_THAT(Refusal(ErrorCode::kUsage, [&] { CheckSettings(settings); }), HasSubstr("did you mean 'one'"));
  settings.engines.push_back(Present("fake", true));
  settings.reference = "fake";
  EXPECT_THAT(Refusal(ErrorCode::kUsage, [&] { CheckSettings(settings); }), HasSubstr("for testing"));
}

TEST(Settings, AllLeavesOutWhatIsAbsentOrForTesting) {
  auto gone = Present("gone");
  gone.status = worker::EngineStatus::kMissing;
  const std::vector<worker::EngineEntryStatus> known = {Present("a"), Present("fake", true), gone};
  EXPECT_EQ(ChooseEngines(known, {"all"}).size(), 1u);
  EXPECT_EQ(ChooseEngines(known, {"all", "fake", "a"}).size(), 2u);
  EXPECT_EQ(ChooseEngines(known, {"gone"}).size(), 1u);  // a skipped row
  EXPECT_THAT(Refusal(ErrorCode::kNotFound, [&] { ChooseEngines(known, {"fke"}); }), HasSubstr("did you mean 'fake'"));
}

Run Measured(const Configuration& row, int repetition, double p50) {
  Run run;
  run.configuration = row;
  run.repetition = repetition;
  run.samples = 100;
  run.latency.p50 = p50;
  run.latency.mean = p50;
  return run;
}

TEST(Summary, RanksByTheMedianOfRepetitionsAndMarksTies) {
  Settings settings = Two();
  settings.engines.push_back(Present("three"));
  const auto plan = MakePlan(settings);
  std::vector<measure::Run> runs;
  for (const auto& [row, values] : std::vector<std::pair<size_t, std::vector<double>>>{
           {0, {100, 104, 500}}, {1, {103, 106, 110}}, {2, {416, 400, 420}}}) {
    for (size_t i = 0; i < values.size(); ++i) runs.push_back(Measured(plan[row], static_cast<int>(i) + 1, values[i]));
  }
  const auto rows = Summarise(plan, runs);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].p50_ns, 104);
  // Its own range reaches down to the slowest row: nobody wins.
  EXPECT_FALSE(rows[0].winner || rows[0].leads);
  EXPECT_TRUE(rows[0].tie);
  EXPECT_TRUE(rows[1].tie);
  EXPECT_TRUE(rows[2].tie);
  EXPECT_NEAR(rows[0].times_faster.value(), 4, 1e-9);
  EXPECT_NEAR(rows[2].times_faster.value(), 1, 1e-9);
}

TEST(Summary, AWinnerNeedsTwoRepetitionsAndAClearRange) {
  Settings settings = Two();
  const auto plan = MakePlan(settings);
  const auto rows = [&](const std::vector<double>& one, const std::vector<double>& two) {
    std::vector<measure::Run> runs;
    for (size_t i = 0; i < one.size(); ++i) runs.push_back(Measured(plan[0], static_cast<int>(i) + 1, one[i]));
    for (size_t i = 0; i < two.size(); ++i) runs.push_back(Measured(plan[1], static_cast<int>(i) + 1, two[i]));
    return Summarise(plan, runs);
  };
  const auto clear = rows({100, 101}, {102, 103});
  EXPECT_TRUE(clear[0].winner && !clear[0].leads && !clear[0].tie && !clear[1].tie);
  const auto touching = rows({100, 103}, {102, 104});
  EXPECT_TRUE(!touching[0].winner && touching[0].tie && touching[1].tie);
  for (const auto& few : {rows({100}, {200}), rows({100, 101}, {200}), rows({100}, {200, 201})}) {
    EXPECT_TRUE(!few[0].winner && few[0].leads && !few[0].tie);
    EXPECT_TRUE(!few[1].winner && !few[1].leads);
  }
}

TEST(Summary, DifferentBatchesAndTestEnginesDoNotCompete) {
  Settings settings = Two();
  settings.engines = {Present("one"), Present("null", true)};
  const auto plan = MakePlan(settings);
  const auto rows = Summarise(plan, std::vector<measure::Run>{Measured(plan[0], 1, 100), Measured(plan[1], 1, 1)});
  EXPECT_FALSE(rows[0].winner || rows[1].winner);
  EXPECT_EQ(rows[0].times_faster, 1);
}

TEST(Summary, OneContestHasOneMeasureWhichAllOfItsRunsHave) {
  const auto plan = MakePlan(Two());
  std::vector<measure::Run> runs = {Measured(plan[0], 1, 100), Measured(plan[0], 2, 100), Measured(plan[1], 1, 110)};
  for (auto& run : runs) run.configuration.scenario = "server";
  auto rows = plan;
  for (auto& row : rows) row.scenario = "server";
  // One run has samples enough for p99: it must not be held against the others' medians.
  runs[0].latency.p99 = 1000;
  auto told = Summarise(rows, runs);
  EXPECT_NEAR(told[0].times_faster.value(), 1.1, 1e-9);
  EXPECT_EQ(told[0].ranked_by, "p50");
  EXPECT_EQ(told[0].spread, 0);
  runs[1].latency.p99 = 1000;
  runs[2].latency.p99 = 500;
  told = Summarise(rows, runs);
  EXPECT_NEAR(told[1].times_faster.value(), 2, 1e-9);
  EXPECT_EQ(told[1].ranked_by, "p99");
}

TEST(Summary, ASaturatedRepetitionLeavesTheRowNoLatency) {
  const auto plan = MakePlan(Two());
  std::vector<measure::Run> runs = {Measured(plan[0], 1, 100), Measured(plan[0], 2, 100), Measured(plan[1], 1, 200)};
  runs[1].latency = {};
  runs[1].status = RunStatus::kSaturated;
  const auto rows = Summarise(plan, runs);
  EXPECT_FALSE(rows[0].p50_ns || rows[0].mean_ns || rows[0].times_faster);
  EXPECT_EQ(rows[1].times_faster, 1);
}

TEST(Summary, OneFailedRepetitionShowsInTheRow) {
  const auto plan = MakePlan(Two());
  std::vector<measure::Run> runs = {Measured(plan[0], 1, 100), Measured(plan[0], 2, 100)};
  runs[1].samples = 0;
  runs[1].status = RunStatus::kFailed;
  runs[1].error = Error(ErrorCode::kTimeout, "hung");
  const auto rows = Summarise(plan, runs);
  EXPECT_EQ(rows[0].status, RunStatus::kFailed);
  EXPECT_EQ(rows[0].measured, 1);
  EXPECT_EQ(rows[0].p50_ns, 100);
  EXPECT_EQ(rows[0].error->text(), "hung");
}

}  // namespace
}  // namespace bakeoff::measure
