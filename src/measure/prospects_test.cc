// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Plans that can give no verdict, and the change that each refusal names.
#include "measure/prospects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"

namespace bakeoff::measure {
namespace {

using testing::HasSubstr;

std::string Refusal(const Settings& settings, const std::string& metric) {
  try {
    CheckVerdicts(settings, {&MetricNamed("--metric", metric)});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.text();
  }
  return "accepted";
}

TEST(Prospects, TooFewRepetitionsFail) {
  Settings settings;
  settings.repetitions = 2;
  EXPECT_THAT(Refusal(settings, "mean"), HasSubstr("give --repeat 3"));
  settings.repetitions = 3;
  EXPECT_EQ(Refusal(settings, "mean"), "accepted");
}

TEST(Prospects, TooFewInferencesForAPercentileFail) {
  Settings settings;
  for (const auto& [metric, needed] : {std::pair("p50", 7), std::pair("p90", 44), std::pair("p99", 459)}) {
    settings.count = needed - 1;
    EXPECT_THAT(Refusal(settings, metric), HasSubstr("give --count " + std::to_string(needed)));
    settings.count = needed;
    EXPECT_EQ(Refusal(settings, metric), "accepted");
  }
  settings.count = 1;
  EXPECT_EQ(Refusal(settings, "throughput"), "accepted");
  settings.count.reset();
  settings.max_samples = 100;
  EXPECT_THAT(Refusal(settings, "p99"), HasSubstr("give --max-samples 459"));
}

// What a refusal names is enough, and one less is not.
TEST(Prospects, ADataSetHasAsManyInferencesAsBatches) {
  Settings settings;
  settings.scenarios = {"dataset"};
  settings.batches = {4};
  settings.test_sizes = {24};
  EXPECT_THAT(Refusal(settings, "p50"), HasSubstr("give --test-size 25"));
  settings.test_sizes = {25};
  EXPECT_EQ(Refusal(settings, "p50"), "accepted");
}

TEST(Prospects, AnOpenLoopHasAsManyInferencesAsQueriesAreDue) {
  Settings settings;
  settings.scenarios = {"server"};
  settings.rates = {10};
  settings.duration = std::chrono::seconds(5);
  EXPECT_DOUBLE_EQ(PlannedQueries(settings, 10), 50);
  EXPECT_THAT(Refusal(settings, "p99"), HasSubstr("50 queries: give --duration 56"));
  settings.duration = std::chrono::seconds(56);
  EXPECT_EQ(Refusal(settings, "p99"), "accepted");
  settings.count = 458;
  EXPECT_THAT(Refusal(settings, "p99"), HasSubstr("give --count 459"));
  settings.count.reset();
  settings.arrivals = "trace";
  settings.rates = {0};
  settings.trace_ns.resize(100);
  EXPECT_THAT(Refusal(settings, "p99"), HasSubstr("a trace of 100 times: give one of 459"));
}

TEST(Prospects, EnergyWithoutItsPassFails) {
  Settings settings;
  settings.energy_window = {};
  EXPECT_THAT(Refusal(settings, "energy"), HasSubstr("--energy-window 0"));
}

std::vector<Configuration> Rows(const std::vector<std::pair<int, int64_t>>& threads_and_batch) {
  std::vector<Configuration> rows;
  for (const auto& [threads, batch] : threads_and_batch) {
    Configuration row;
    row.model = "net";
    row.engine = "a";
    row.threads = threads;
    row.batch = batch;
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(Prospects, RowsThatCannotBeMatchedFail) {
  EXPECT_NO_THROW(CheckRows(Rows({{1, 1}}), Rows({{2, 1}})));
  EXPECT_THROW(CheckRows(Rows({{1, 1}, {2, 1}}), Rows({{3, 1}, {4, 1}})), Error);
  // The model's own batch may be one of these.
  EXPECT_NO_THROW(CheckRows(Rows({{1, 0}}), Rows({{1, 4}, {1, 8}})));
  EXPECT_THROW(CheckRows(Rows({{1, 1}}), Rows({{1, 4}, {1, 8}})), Error);
}

}  // namespace
}  // namespace bakeoff::measure
