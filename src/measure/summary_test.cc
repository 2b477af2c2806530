// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a row says beside its numbers.
#include "measure/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bakeoff::measure {
namespace {

using ::testing::HasSubstr;

// The note of one row whose repetitions had such shares of their time taken by outliers.
std::string NoteOf(const std::vector<double>& shares, const core::Drift& drift = {}) {
  Configuration row;
  row.engine = "e";
  row.model = "m";
  row.threads = 1;
  std::vector<Run> runs;
  for (const double share : shares) {
    Run run{.configuration = row};
    run.samples = 200;
    run.latency.p50 = run.latency.mean = 1000.0;
    run.stability.outliers = core::Outliers{3, share};
    run.stability.drift = drift;
    runs.push_back(std::move(run));
  }
  return Summarise({row}, runs).at(0).note;
}

TEST(SummaryNote, TellsOfOutliersThatTookMuchOfTheTimeInMostRepetitions) {
  EXPECT_THAT(NoteOf({0.34, 0.01, 0.30}), HasSubstr("30 % of the time or more went to outliers"));
  EXPECT_EQ(NoteOf({0.38, 0.36}), NoteOf({0.30}));
  EXPECT_THAT(NoteOf({0.07}), HasSubstr("5 % of the time or more"));
  EXPECT_EQ(NoteOf({0.34, 0.01, 0.04}), "");
  EXPECT_EQ(NoteOf({0.04, 0.04}), "");
}

TEST(SummaryNote, TellsOfADriftBeforeOutliers) {
  EXPECT_THAT(NoteOf({0.34}, {.change = 0.2, .significant = true}), HasSubstr("drift by +20 %"));
}

}  // namespace
}  // namespace bakeoff::measure
