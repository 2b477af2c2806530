// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The profiled pass: how many inferences, and how they are numbered; and the reply's way to the host.
#include "worker/runner/profile_pass.h"

#include <gtest/gtest.h>

#include <cstring>

#include "bakeoff/error.h"
#include "worker/runner/test_scene.h"

namespace bakeoff::worker {
namespace {

class ProfilePassTest : public ::testing::Test, protected TestScene {
 protected:
  ProfiledRuns Run(const ProfilePlan& plan) {
    FilledRequest filled = scene_.requests(1)[0];
    return RunProfiled(plan, filled, false, cancelled_, profile_);
  }
  void Add(int64_t run, const char* name, int64_t time_ns) {
    profile_.operators.push_back({.run = run, .name = name, .type = "T", .time_ns = time_ns});
  }

  Profile profile_;
};

TEST_F(ProfilePassTest, CountsWhatComesAfterTheWarmup) {
  const ProfiledRuns runs = Run({.warmup = 3, .count = 7});
  ASSERT_EQ(runs.wall_ns.size(), 7u);
  EXPECT_EQ(g_test_engine.runs, 10);
  EXPECT_EQ(profile_.run, 7);
  for (const int64_t wall_ns : runs.wall_ns) EXPECT_GT(wall_ns, 0);
}

TEST_F(ProfilePassTest, TimeEndsItAfterAtLeastOne) {
  g_test_engine.busy_ns = 5'000'000;
  EXPECT_EQ(Run({.warmup = 0, .count = 1000, .duration_ns = 1}).wall_ns.size(), 1u);
}

TEST_F(ProfilePassTest, ACancelEndsIt) {
  cancelled_ = true;
  EXPECT_EQ(Run({.warmup = 5, .count = 1000}).wall_ns.size(), 1u);
  EXPECT_EQ(g_test_engine.runs, 1);
}

TEST_F(ProfilePassTest, TheReplyHasEachOperatorOnceAndNothingOfTheWarmup) {
  for (int64_t run = 0; run <= 2; ++run) {
    Add(run, "a", 10 + run);
    Add(run, "b", 20 + run);
  }
  const Reply reply = ProfileReplyOf(profile_, {.wall_ns = {60, 40}}, "a clock");
  EXPECT_EQ(reply.ok["profile"]["inferences"], 2);
  EXPECT_EQ(reply.ok["profile"]["wall_ns"], Json({60, 40}));
  EXPECT_EQ(reply.ok["profile"]["source"], "a clock");
  ASSERT_EQ(reply.ok["profile"]["operators"].size(), 2u);
  EXPECT_EQ(reply.ok["profile"]["operators"][1]["name"], "b");
  ASSERT_EQ(reply.views.size(), 1u);
  EXPECT_EQ(reply.views[0].shape, (Shape{4, 5}));
  EXPECT_EQ(reply.samples, (std::vector<int64_t>{0, 1, -1, 11, 0, 1, 1, -1, 21, 0, 0, 2, -1, 12, 0, 1, 2, -1, 22, 0}));
}

TEST_F(ProfilePassTest, NoOperatorAtAllFails) {
  Add(0, "of the warm-up", 5);
  EXPECT_THROW(ProfileReplyOf(profile_, {.wall_ns = {1, 1}}, "a clock"), Error);
}

TEST_F(ProfilePassTest, AWrongPlanFails) {
  EXPECT_THROW(ProfilePlanFromJson({{"plan", {{"count", 0}}}}), Error);
  EXPECT_THROW(ProfilePlanFromJson({{"plan", {{"warmup", "many"}}}}), Error);
  EXPECT_EQ(ProfilePlanFromJson({{"plan", {{"count", 4}}}}).count, 4);
}

}  // namespace
}  // namespace bakeoff::worker
