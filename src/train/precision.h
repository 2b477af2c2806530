// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Mixed precision: autocast for the forward pass, and the loss scale that f16 needs.
#pragma once

#include <string>

#include "train/optimizer.h"

namespace bakeoff::train {

// Lower-precision autocast on the options' device for the lifetime of the object; nothing with f32.
class Autocast {
 public:
  explicit Autocast(const TrainOptions& options);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_;
  c10::DeviceType device_;
};

// f16 gradients underflow: the loss is multiplied by a factor that halves when a gradient overflows (that step is left
// out) and doubles after 2,000 good steps (Micikevicius et al. 2018). 1 and without effect in other precisions.
class LossScale {
 public:
  explicit LossScale(const TrainOptions& options) : on_(options.precision == "f16"), factor_(on_ ? 65536 : 1) {}
  double factor() const { return factor_; }
  // Divides the gradients by the factor. False: one is not finite, leave the step out.
  bool Unscale(Optimizer& optimizer);
  // For checkpoints.
  int64_t good_steps() const { return good_steps_; }
  void Restore(double factor, int64_t good_steps) { factor_ = factor, good_steps_ = good_steps; }

 private:
  bool on_;
  double factor_;
  int64_t good_steps_ = 0;
};

}  // namespace bakeoff::train
