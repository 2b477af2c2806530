// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Times of a plan, from a store with one earlier run whose times are round.
#include "measure/estimate.h"

#include <gtest/gtest.h>

#include "core/test_folder.h"

namespace bakeoff::measure {
namespace {

class EstimateTest : public testing::Test {
 protected:
  EstimateTest() : store_(root_ / "runs.db", store::Store::Mode::kWrite) {
    row_.model = "net";
    row_.engine = "one";
    settings_.repetitions = 3;
    settings_.count = 1000;
  }
  // 2 s of loading, 1 s of warm-up, 10 ms for each inference.
  void AddRun(const Json& more = Json::object()) {
    Json record{{"load_ns", 1'900'000'000},
                {"first_inference_ns", 100'000'000},
                {"warmup_ns", 1'000'000'000},
                {"wall_ns", 5'000'000'000},
                {"samples", 500}};
    record.update(more);
    store::RunLine line;
    line.engine = "one";
    line.model = "net";
    line.scenario = "single-stream";
    line.precision = "f32";
    line.status = "ok";
    line.threads = line.batch = 1;
    line.samples = 500;
    line.repetition = 1;
    store_.Add(store_.Begin({.name = "", .plan_sha256 = "x", .planned = 1, .facts = Json::object()}), line, record, {});
  }
  double Seconds(size_t rows = 1) {
    return EstimateOf(store_, std::vector<Configuration>(rows, row_), settings_).seconds;
  }

  const core::TestFolder root_;
  store::Store store_;
  Configuration row_;
  Settings settings_;
};

constexpr double kBeside = 0.1;  // a worker's start

TEST_F(EstimateTest, OfAnEmptyStoreIsNotKnown) {
  const Estimate estimate = EstimateOf(store_, {row_}, settings_);
  EXPECT_EQ(estimate.known, 0u);
  EXPECT_EQ(estimate.rows, 1u);
}

TEST_F(EstimateTest, HasLoadingWarmupTimedPartAndThePassForGrowth) {
  AddRun();
  // 1000 inferences take 10 s, an eighth of that is more than the second that the pass takes at most.
  EXPECT_NEAR(Seconds(), 3 * (kBeside + 2 + 1 + 10 + 1), 1e-9);
  settings_.count = 100;
  EXPECT_NEAR(Seconds(), 3 * (kBeside + 2 + 1 + 1 + 0.125), 1e-9);
  settings_.count.reset();
  settings_.duration = std::chrono::seconds(4);
  EXPECT_NEAR(Seconds(), 3 * (kBeside + 2 + 1 + 4 + 0.5), 1e-9);
}

TEST_F(EstimateTest, HasTheWindowsOfEnergyWhereItCanBeRead) {
  AddRun({{"energy", {{"load_w", 50.0}}}});
  settings_.energy_window = std::chrono::seconds(5);
  EXPECT_NEAR(Seconds(), 3 * (kBeside + 2 + 1 + 10 + 1 + 2 * 5), 1e-9);
}

TEST_F(EstimateTest, HasTheProfileOfTheFirstRepetition) {
  AddRun();
  settings_.profile = true;
  EXPECT_NEAR(Seconds(), 3 * (kBeside + 2 + 1 + 10 + 1) + kBeside + 2 + 23 * 0.01, 1e-9);
}

TEST_F(EstimateTest, RowsOfWhichNothingIsKnownCountAsTheOthers) {
  AddRun();
  Configuration other = row_;
  other.engine = "two";
  const Estimate estimate = EstimateOf(store_, {row_, other}, settings_);
  EXPECT_EQ(estimate.known, 1u);
  EXPECT_NEAR(estimate.seconds, 2 * Seconds(), 1e-9);
}

}  // namespace
}  // namespace bakeoff::measure
