// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Shares of a budget, with a clock that the test moves.
#include "measure/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"

namespace bakeoff::measure {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Budget, IsKeptWhateverLoadingTakes) {
  for (const nanoseconds loading : {nanoseconds(1ms), nanoseconds(300ms), nanoseconds(900ms)}) {
    Budget::Clock::time_point now{};
    Budget budget(20s, 20, now);
    nanoseconds measured{0};
    size_t steps = 0;
    for (; steps < 20; ++steps) {
      Settings settings;
      if (!budget.Next(settings, now)) break;
      ASSERT_TRUE(settings.duration);
      now += loading + *settings.duration;
      measured += *settings.duration;
      measure::Run run;
      run.wall_ns = settings.duration->count();
      budget.Done(run, now);
    }
    EXPECT_EQ(steps, 20u);
    // What is not loading is measured, but for what the first guess gave away.
    EXPECT_NEAR((now - Budget::Clock::time_point{}) / 1.0s, 20, 0.8) << loading.count();
    EXPECT_GT(measured, (20s - 20 * loading) * 0.9);
  }
}

TEST(Budget, EndsWhenItIsUsedUp) {
  Budget::Clock::time_point now{};
  Budget budget(10s, 5, now);
  Settings settings;
  ASSERT_TRUE(budget.Next(settings, now));
  now += 11s;
  budget.Done({}, now);
  EXPECT_FALSE(budget.Next(settings, now));
}

TEST(Budget, TheWarmUpHasItsPlaceInIt) {
  Budget budget(10s, 10, Budget::Clock::time_point{});
  Settings settings;
  ASSERT_TRUE(budget.Next(settings, Budget::Clock::time_point{}));
  EXPECT_LE(settings.warmup.longest + *settings.duration, 1s);
}

TEST(Budget, BelowALeastShareFailsNamingWhatWouldDo) {
  EXPECT_NO_THROW(CheckBudget(5s, 10));
  try {
    CheckBudget(4s, 10);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.text(), testing::HasSubstr("at least 5s"));
  }
}

}  // namespace
}  // namespace bakeoff::measure
