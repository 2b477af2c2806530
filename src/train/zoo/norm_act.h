// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Batch norm, an optional skip connection and the activation after them, as one operation in training.
#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/types.h>

namespace bakeoff::train::zoo {

enum class Activation { kNone, kRelu, kRelu6, kSilu, kHardSwish };

torch::Tensor Activate(Activation activation, const torch::Tensor& x);

// activation(norm(x) + skip); `skip` may be undefined. In training, f32 pixels in channels_last on the CPU with no
// activation, relu or relu6 take a kernel of our own, which passes over memory 8 times where the separate operations
// and their gradients need 13; everything else is the library's operations, one after the other, as is every
// evaluation (so that a trace shows plain operators). Both agree up to rounding. Deterministic for one thread count.
torch::Tensor NormAct(torch::nn::BatchNorm2d& norm, const torch::Tensor& x, Activation activation,
                      const torch::Tensor& skip = {});

}  // namespace bakeoff::train::zoo
