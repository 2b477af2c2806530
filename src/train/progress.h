// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How a training run looks to a person: a live line on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "train/trainer.h"

namespace bakeoff::train {

// The live line of a step in at most `width` columns: what matters least goes first, the bar before all.
std::string StepLine(const TrainEvent& event, size_t width);
// What is said of an epoch that is done.
std::string EpochLine(const TrainEvent& event);
// And where a run goes on from.
std::string ResumedLine(const TrainEvent& event);

class Progress {
 public:
  Progress();
  // No live line stays behind.
  ~Progress() { Clear(); }
  void Say(const std::string& line);
  // How far the look through the data is. From any thread, while nothing else is called.
  void Reading(size_t done, size_t all);
  void Show(const TrainEvent& event);

 private:
  void Clear();

  bool live_;
  bool shown_ = false;
  std::mutex reading_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace bakeoff::train
