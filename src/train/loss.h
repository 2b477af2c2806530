// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What training minimises: cross entropy, weighted by class and by example.
#pragma once

#include <torch/nn/options/loss.h>
#include <torch/types.h>

#include <vector>

#include "train/options.h"

namespace bakeoff::train {

class Loss {
 public:
  // `counts`: class frequencies, for class weights.
  Loss(const TrainOptions& options, const std::vector<int64_t>& counts);
  // Mean over the batch; `weights` of its examples may be undefined: all 1.
  torch::Tensor Of(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& weights) const;

 private:
  torch::Tensor class_weights_;  // undefined: all 1
  torch::nn::functional::CrossEntropyFuncOptions options_;
};

}  // namespace bakeoff::train
