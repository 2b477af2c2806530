// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Schedules: their ends, their corners, and cosine against values from PyTorch's CosineAnnealingLR.
#include "train/schedule.h"

#include <gtest/gtest.h>

namespace bakeoff::train {
namespace {

TrainOptions Options(const std::string& schedule) {
  TrainOptions options;
  options.schedule = schedule;
  options.learning_rate = 1;
  options.final_factor = 0;
  return options;
}

TEST(Schedule, CosineAsPyTorch) {
  // torch.optim.lr_scheduler.CosineAnnealingLR(T_max=10, eta_min=0), lr 1: values after 0, 3, 5, 10 steps (torch 2.13).
  const TrainOptions options = Options("cosine");
  EXPECT_DOUBLE_EQ(LearningRate(options, 0, 11, 1), 1);
  EXPECT_NEAR(LearningRate(options, 3, 11, 1), 0.7938926261462366, 1e-12);
  EXPECT_NEAR(LearningRate(options, 5, 11, 1), 0.5, 1e-12);
  EXPECT_NEAR(LearningRate(options, 10, 11, 1), 0, 1e-12);
}

TEST(Schedule, WarmUpRisesFromATenth) {
  TrainOptions options = Options("cosine");
  options.warmup_epochs = 2;
  EXPECT_DOUBLE_EQ(LearningRate(options, 0, 100, 5), 0.1);
  EXPECT_DOUBLE_EQ(LearningRate(options, 5, 100, 5), 0.55);
  EXPECT_DOUBLE_EQ(LearningRate(options, 10, 100, 5), 1);
}

TEST(Schedule, StepsDown) {
  TrainOptions options = Options("step");
  options.step_epochs = 2;
  EXPECT_DOUBLE_EQ(LearningRate(options, 19, 100, 10), 1);
  EXPECT_DOUBLE_EQ(LearningRate(options, 20, 100, 10), 0.1);
  EXPECT_NEAR(LearningRate(options, 40, 100, 10), 0.01, 1e-15);
}

TEST(Schedule, OneCycleRisesAndFalls) {
  const TrainOptions options = Options("one-cycle");
  EXPECT_NEAR(LearningRate(options, 0, 101, 1), 1.0 / 25, 1e-12);
  EXPECT_DOUBLE_EQ(LearningRate(options, 30, 101, 1), 1);
  EXPECT_NEAR(LearningRate(options, 100, 101, 1), 0, 1e-12);
  EXPECT_LT(LearningRate(options, 60, 101, 1), LearningRate(options, 50, 101, 1));
}

}  // namespace
}  // namespace bakeoff::train
