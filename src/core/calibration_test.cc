// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
#include "core/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace bakeoff::core {
namespace {

TEST(Calibration, ByHand) {
  Calibration calibration;
  EXPECT_FALSE(calibration.ExpectedError());
  // Bin (0.8667, 0.9333]: confidences 0.9 0.9 0.9, two right; bin (0.4667, 0.5333]: 0.5 right; bin 1: 0 wrong.
  for (const bool correct : {true, true, false}) calibration.Add(0.9, correct);
  calibration.Add(0.5, true);
  calibration.Add(0, false);
  EXPECT_NEAR(*calibration.ExpectedError(), (std::abs(2 - 2.7) + std::abs(1 - 0.5) + 0) / 5, 1e-12);
  EXPECT_EQ(calibration.ToJson()["confidence_bins"][13]["examples"], 3);
  EXPECT_EQ(calibration.ToJson()["confidence_bins"][7]["examples"], 1);
  EXPECT_EQ(calibration.ToJson()["confidence_bins"][0]["examples"], 1);
  EXPECT_TRUE(calibration.ToJson()["confidence_bins"][1]["accuracy"].is_null());
}

TEST(Calibration, UpperEndsBelongToTheirBin) {
  Calibration calibration;
  calibration.Add(1, true);
  calibration.Add(1.0 / 3, true);  // 5 / 15: the fifth bin
  EXPECT_EQ(calibration.ToJson()["confidence_bins"][14]["examples"], 1);
  EXPECT_EQ(calibration.ToJson()["confidence_bins"][4]["examples"], 1);
}

TEST(Calibration, WhatIsNoProbabilityCountsNowhere) {
  Calibration calibration;
  for (const double confidence : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    calibration.Add(confidence, true);
  EXPECT_EQ(calibration.examples(), 0);
  EXPECT_TRUE(calibration.ToJson()["ece"].is_null());
}

}  // namespace
}  // namespace bakeoff::core
