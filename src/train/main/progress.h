// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How a training run looks to a person: a live line on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <string>

#include "train/trainer.h"

namespace bakeoff::train {

class Progress {
 public:
  Progress();
  void Say(const std::string& line);
  void Show(const TrainEvent& event);

 private:
  void Clear();

  bool live_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace bakeoff::train
