// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Exponential moving average of a network's weights.
#pragma once

#include "train/weights.h"

namespace bakeoff::train {

// Parameters are averaged; buffers (norm statistics) are copied. The decay rises from 0 so that the random start is
// forgotten.
class Average {
 public:
  // `network` must outlive it.
  Average(const torch::nn::Module& network, double decay);
  void Update(int64_t step);
  const StateDict& state() const { return state_; }
  // Throws Error{kInvalidModel} naming what a checkpoint lacks.
  void Load(const StateDict& state);

 private:
  const torch::nn::Module& network_;
  double decay_;
  StateDict state_;
};

}  // namespace bakeoff::train
