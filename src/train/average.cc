// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Exponential moving average of a network's weights.
#include "train/average.h"

#include <algorithm>

#include "bakeoff/error.h"

namespace bakeoff::train {

Average::Average(const torch::nn::Module& network, double decay) : network_(network), decay_(decay) {
  for (const auto& [name, tensor] : StateOf(network)) state_[name] = tensor.clone();
}

void Average::Update(int64_t step) {
  const torch::NoGradGuard no_grad;
  const double decay = std::min(decay_, (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step)));
  for (auto& [name, tensor] : StateOf(network_)) {
    torch::Tensor& mean = state_.at(name);
    if (tensor.is_floating_point() && !name.ends_with("running_mean") && !name.ends_with("running_var")) {
      mean.lerp_(tensor, 1 - decay);
    } else {
      mean.copy_(tensor);
    }
  }
}

void Average::Load(const StateDict& state) {
  for (auto& [name, tensor] : state_) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != tensor.sizes())
      throw Error(ErrorCode::kInvalidModel, "the checkpoint's average does not have '" + name + "' in this shape");
    tensor.copy_(found->second);
  }
}

}  // namespace bakeoff::train
