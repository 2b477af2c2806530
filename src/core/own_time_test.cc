// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Times of operators inside others.
#include "core/own_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace bakeoff::core {
namespace {

OperatorRun Op(int64_t begin, int64_t time, int64_t thread = 1, int64_t run = 1) {
  return {.run = run, .begin_ns = begin, .time_ns = time, .thread = thread};
}

std::vector<int64_t> OwnTimes(std::vector<OperatorRun> operators) {
  TakeInnerTimesOff(operators);
  std::vector<int64_t> times;
  for (const OperatorRun& op : operators) times.push_back(op.time_ns);
  return times;
}

TEST(OwnTime, OfALoopIsWithoutItsBody) {
  // A loop of 100 with two operators in it, one of which has one of its own; and one after it.
  EXPECT_THAT(OwnTimes({Op(10, 20), Op(50, 30), Op(55, 10), Op(0, 100), Op(100, 7)}),
              ::testing::ElementsAre(20, 20, 10, 50, 7));
}

TEST(OwnTime, OfOneThatBeginsWithItsBodyIsTheRest) {
  EXPECT_THAT(OwnTimes({Op(0, 60), Op(0, 100)}), ::testing::ElementsAre(60, 40));
}

TEST(OwnTime, IsItsOwnBesideOtherThreadsRunsAndNeighbours) {
  EXPECT_THAT(OwnTimes({Op(0, 100), Op(10, 20, 2), Op(10, 20, 1, 2), Op(100, 50), Op(140, 30)}),
              ::testing::ElementsAre(100, 20, 20, 50, 30));
}

}  // namespace
}  // namespace bakeoff::core
