// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Building blocks that several families share.
#include "train/zoo/layers.h"

#include <torch/nn/functional/activation.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>

namespace bakeoff::train::zoo {

namespace F = torch::nn::functional;

torch::Tensor Activate(Activation activation, const torch::Tensor& x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return torch::relu(x);
    case Activation::kRelu6:
      return torch::hardtanh(x, 0.0, 6.0);
    case Activation::kSilu:
      return torch::silu(x);
    case Activation::kHardSwish:
      return torch::hardswish(x);
  }
  return x;
}

ConvNorm::ConvNorm(const ConvNormOptions& o) : activation_(o.activation) {
  conv_ = register_module("0", torch::nn::Conv2d(torch::nn::Conv2dOptions(o.in, o.out, o.kernel)
                                                     .stride(o.stride)
                                                     .padding((o.kernel - 1) / 2)
                                                     .groups(o.groups)
                                                     .bias(false)));
  norm_ = register_module(
      "1", torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(o.out).eps(o.norm_eps).momentum(o.norm_momentum)));
}

torch::Tensor ConvNorm::forward(const torch::Tensor& x) {
  return NormAct(norm_, conv_->forward(x), activation_);
}

torch::Tensor DropRows(const torch::Tensor& x, double p, bool training) {
  if (!training || p <= 0) return x;
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return x * torch::empty(shape, x.options()).bernoulli_(1 - p).div_(1 - p);
}

int64_t MakeDivisible(double channels) {
  constexpr int64_t kDivisor = 8;
  const int64_t rounded = std::max(kDivisor, static_cast<int64_t>(channels + kDivisor / 2.0) / kDivisor * kDivisor);
  return static_cast<double>(rounded) < 0.9 * channels ? rounded + kDivisor : rounded;
}

void InitConvNet(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (const auto& child : module.modules(false)) {
    if (auto* conv = child->as<torch::nn::Conv2d>()) {
      torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut, torch::kReLU);
      if (conv->bias.defined()) torch::nn::init::zeros_(conv->bias);
    } else if (auto* norm = child->as<torch::nn::BatchNorm2d>()) {
      torch::nn::init::ones_(norm->weight);
      torch::nn::init::zeros_(norm->bias);
    } else if (auto* linear = child->as<torch::nn::Linear>()) {
      torch::nn::init::normal_(linear->weight, 0, 0.01);
      torch::nn::init::zeros_(linear->bias);
    }
  }
}

}  // namespace bakeoff::train::zoo
