// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Cross entropy with the weights of classes and examples.
#include "train/loss.h"

#include <torch/nn/functional/loss.h>

#include "train/validate.h"

namespace bakeoff::train {
namespace {

namespace F = torch::nn::functional;

torch::Tensor ClassWeights(const std::vector<int64_t>& counts) {
  torch::Tensor weights = torch::zeros(static_cast<int64_t>(counts.size()));
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) weights[static_cast<int64_t>(i)] = 1.0 / static_cast<double>(counts[i]);
  }
  return weights / weights.mean();
}

}  // namespace

Loss::Loss(const TrainOptions& options, const std::vector<int64_t>& counts) {
  if (options.class_weights) class_weights_ = ClassWeights(counts).to(DeviceOf(options));
  if (class_weights_.defined()) options_.weight(class_weights_);
  options_.label_smoothing(options.label_smoothing);
}

torch::Tensor Loss::Of(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& weights) const {
  if (!weights.defined()) return F::cross_entropy(logits, labels, options_);
  auto each = options_;
  torch::Tensor factors = weights.to(logits.device());
  const torch::Tensor sum = (F::cross_entropy(logits, labels, each.reduction(torch::kNone)) * factors).sum();
  // The losses carry the class weights already; what they are divided by has to, too.
  if (class_weights_.defined()) factors = factors * class_weights_.index_select(0, labels);
  return sum / factors.sum();
}

}  // namespace bakeoff::train
