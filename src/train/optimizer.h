// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Optimisers over LibTorch's fused kernels, with their state in the open so that a checkpoint can hold it.
#pragma once

#include <string>
#include <vector>

#include "train/options.h"
#include "train/weights.h"

namespace bakeoff::train {

// SGD with momentum, Adam or AdamW by TrainOptions. Weight decay applies to parameters of two dimensions and more.
// Deterministic for one thread count. Not thread-safe.
class Optimizer {
 public:
  // Trains the parameters of `module` that require gradients, in the order of their names.
  Optimizer(const torch::nn::Module& module, const TrainOptions& options);

  // One step with the gradients that are there; parameters without a gradient are left alone.
  void Step(double learning_rate);
  // Gradients become undefined, which costs nothing.
  void ZeroGrad();
  // Scales all gradients so that their common L2 norm is at most `most`; returns the norm before.
  double ClipNorm(double most);
  // Multiplies all gradients; false when one is not finite afterwards.
  bool ScaleGradients(double factor);

  // "first/NAME", "second/NAME", "steps/NAME", "step": enough to go on bit for bit.
  StateDict State() const;
  // Throws Error{kInvalidModel} naming what is missing or of other shape.
  void LoadState(const StateDict& state);

 private:
  // Parameters that share a weight decay: what a fused kernel takes at once.
  struct Group {
    double weight_decay = 0;
    std::vector<std::string> names;
    std::vector<torch::Tensor> parameters, first, second, steps;
  };

  TrainOptions options_;
  std::vector<Group> groups_;
  int64_t step_ = 0;
};

}  // namespace bakeoff::train
