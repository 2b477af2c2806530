// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The live line of a training fits its terminal.
#include "train/progress.h"

#include <gtest/gtest.h>

namespace bakeoff::train {
namespace {

TrainEvent Event() {
  TrainEvent event;
  event.epoch = 12, event.epochs = 24, event.batch = 42, event.batches = 84;
  event.loss = 0.3456, event.accuracy = 0.987, event.images_per_second = 345.6, event.waiting_share = 0.031;
  event.eta_seconds = 130;
  return event;
}

TEST(Progress, ShowsEverythingWhereThereIsRoom) {
  EXPECT_EQ(StepLine(Event(), 79), "12/24 [########........] loss 0.346 acc 98.7 % 346 images/s wait 3 % ETA 2:10");
  EXPECT_EQ(StepLine(Event(), 200), StepLine(Event(), 79)) << "the bar does not grow without end";
}

TEST(Progress, NeverWiderThanTheTerminal) {
  TrainEvent large = Event();
  large.epoch = large.epochs = 100'000, large.loss = 123456.789, large.accuracy = large.waiting_share = 1;
  large.images_per_second = 123456, large.eta_seconds = 400'000;
  for (const TrainEvent& event : {Event(), large}) {
    for (size_t width = 0; width <= 160; ++width) EXPECT_LE(StepLine(event, width).size(), width);
  }
  // The place and the time that is left are there to the last.
  EXPECT_EQ(StepLine(Event(), 14), "12/24 ETA 2:10");
  EXPECT_EQ(StepLine(Event(), 39), "12/24 loss 0.346 acc 98.7 % ETA 2:10");
  EXPECT_EQ(StepLine(Event(), 48), "12/24 [####.....] loss 0.346 acc 98.7 % ETA 2:10");
}

TEST(Progress, AnEpochIsOneLineOf80Columns) {
  TrainEvent event = Event();
  event.kind = TrainEvent::Kind::kEpoch;
  event.validation_top1 = 0.9543, event.best = true;
  EXPECT_EQ(EpochLine(event), "12/24  loss 0.346  acc 98.7 %  val 95.4 % best  346 images/s  wait 3 %");
}

TEST(Progress, WhereARunGoesOn) {
  TrainEvent event = Event();
  event.kind = TrainEvent::Kind::kResumed;
  EXPECT_EQ(ResumedLine(event), "going on after epoch 12 of 24, batch 42 of 84");
  event.batch = 0;
  EXPECT_EQ(ResumedLine(event), "going on after epoch 12 of 24");
  event.ended = true;
  EXPECT_EQ(ResumedLine(event), "all of it was trained before, 12 epochs");
}

}  // namespace
}  // namespace bakeoff::train
