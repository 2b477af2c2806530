// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Plans: what is read, and what is refused with which words.
#include "worker/runner/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const char* text) {
  try {
    PlanFromJson(Json::parse(text));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.text();
  }
  return "accepted";
}

TEST(Plan, ReadsEverything) {
  const Plan plan = PlanFromJson(Json::parse(R"({"scenario": "offline", "duration_ns": 5, "count": null,
      "warmup": {"min_runs": 1, "max_runs": 2, "min_ns": 4, "max_ns": 3}, "max_samples": 9, "progress_ns": 0})"));
  EXPECT_EQ(plan.scenario, "offline");
  EXPECT_EQ(plan.limits.duration_ns, 5);
  EXPECT_EQ(plan.limits.count, kNoLimit);
  EXPECT_EQ(plan.warmup.min_runs, 1);
  EXPECT_EQ(plan.warmup.max_runs, 2);
  EXPECT_EQ(plan.warmup.min_ns, 4);
  EXPECT_EQ(plan.warmup.max_ns, 3);
  EXPECT_EQ(plan.max_samples, 9);
  EXPECT_EQ(plan.progress_ns, 0);
}

TEST(Plan, MaxRunsFollowsALargeMinRuns) {
  const Plan plan = PlanFromJson(Json::parse(R"({"scenario": "x", "count": 1, "warmup": {"min_runs": 1000000}})"));
  EXPECT_EQ(plan.warmup.max_runs, 1'000'000);
}

TEST(Plan, WithoutAnEndFails) {
  EXPECT_THAT(Refusal(R"({"scenario": "offline"})"), HasSubstr("'count' or 'duration_ns'"));
}
TEST(Plan, WithoutAScenarioFails) {
  EXPECT_THAT(Refusal(R"({"count": 1})"), HasSubstr("'scenario'"));
}
TEST(Plan, NoObjectFails) {
  EXPECT_THAT(Refusal("[]"), HasSubstr("'plan' object"));
}

TEST(Plan, ValuesThatMeanNothingFail) {
  EXPECT_THAT(Refusal(R"({"scenario": "x", "count": 0})"), HasSubstr("'count' is 0"));
  EXPECT_THAT(Refusal(R"({"scenario": "x", "count": -3})"), HasSubstr("'count' is -3"));
  EXPECT_THAT(Refusal(R"({"scenario": "x", "count": 18446744073709551615})"),
              HasSubstr("'count' is 18446744073709551615"));
  EXPECT_THAT(Refusal(R"({"scenario": "x", "count": 1.5})"), HasSubstr("whole number"));
  EXPECT_THAT(Refusal(R"({"scenario": "x", "duration_ns": "10"})"), HasSubstr("'duration_ns'"));
  EXPECT_THAT(Refusal(R"({"scenario": "x", "count": 1, "max_samples": 0})"), HasSubstr("'max_samples'"));
  EXPECT_THAT(Refusal(R"({"scenario": "x", "count": 1, "warmup": 3})"), HasSubstr("'warmup'"));
  EXPECT_THAT(Refusal(R"({"scenario": "x", "count": 1, "warmup": {"min_runs": 5, "max_runs": 4}})"),
              HasSubstr("max_runs (4)"));
}

}  // namespace
}  // namespace bakeoff::worker
