// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Loss and metrics of a network over one split.
#include "train/validate.h"

#include <torch/nn/functional/loss.h>
#include <torch/utils.h>

namespace bakeoff::train {

namespace F = torch::nn::functional;

torch::Device DeviceOf(const TrainOptions& options) {
  return options.device == "cuda" ? at::kCUDA : at::kCPU;
}

torch::Tensor ForNetwork(const torch::Tensor& images, const TrainOptions& options) {
  const torch::Tensor there = images.to(DeviceOf(options));
  return options.channels_last ? there.contiguous(at::MemoryFormat::ChannelsLast) : there;
}

Validation Validate(zoo::Classifier& network, BatchSource& source, const std::vector<std::string>& classes,
                    const TrainOptions& options) {
  const bool was_training = network.is_training();
  network.eval();
  const torch::NoGradGuard no_grad;
  Validation result{0, core::ClassificationCounter(classes)};
  source.Start(0, 0);
  Batch batch;
  while (source.Next(batch)) {
    const torch::Tensor logits =
        network.forward(ForNetwork(batch.images, options)).to(torch::kCPU, torch::kFloat32).contiguous();
    result.loss +=
        F::cross_entropy(logits, batch.labels, F::CrossEntropyFuncOptions().reduction(torch::kSum)).item<double>();
    const auto width = static_cast<size_t>(logits.size(1));
    for (int64_t row = 0; row < logits.size(0); ++row) {
      result.counter.Add({logits.data_ptr<float>() + static_cast<size_t>(row) * width, width},
                         batch.labels[row].item<int64_t>());
    }
  }
  if (result.counter.examples() > 0) result.loss /= static_cast<double>(result.counter.examples());
  network.train(was_training);
  return result;
}

}  // namespace bakeoff::train
