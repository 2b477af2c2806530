// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Mixed precision.
#include "train/precision.h"

#include <ATen/autocast_mode.h>

namespace bakeoff::train {

Autocast::Autocast(const TrainOptions& options)
    : on_(options.precision != "f32"), device_(options.device == "cuda" ? at::kCUDA : at::kCPU) {
  if (!on_) return;
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, options.precision == "bf16" ? at::kBFloat16 : at::kHalf);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!on_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, false);
}

bool LossScale::Unscale(Optimizer& optimizer) {
  if (!on_) return true;
  constexpr int64_t kGrowEvery = 2000;
  if (!optimizer.ScaleGradients(1 / factor_)) {
    factor_ /= 2;
    good_steps_ = 0;
    return false;
  }
  if (++good_steps_ % kGrowEvery == 0) factor_ *= 2;
  return true;
}

}  // namespace bakeoff::train
