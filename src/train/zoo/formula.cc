// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Weights by a stated formula of parameter name and index.
#include "train/zoo/formula.h"

#include <cmath>
#include <string>

#include "train/weights.h"

namespace bakeoff::train::zoo {
namespace {

uint64_t Fnv1a64(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

uint64_t SplitMix64(uint64_t z) {
  z += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

torch::Tensor FormulaUniform(std::string_view name, c10::IntArrayRef shape) {
  torch::Tensor values = torch::empty(shape, torch::kFloat64);
  double* data = values.data_ptr<double>();
  const uint64_t hash = Fnv1a64(name);
  for (int64_t i = 0; i < values.numel(); ++i) {
    data[i] = static_cast<double>(SplitMix64(hash + static_cast<uint64_t>(i)) >> 40) / 16777216.0;
  }
  return values;
}

void FillByFormula(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : StateOf(module)) {
    torch::Tensor target = tensor;
    const auto ends = [&whole = name](std::string_view end) { return whole.ends_with(end); };
    if (ends("num_batches_tracked")) {
      target.zero_();
      continue;
    }
    const torch::Tensor u = FormulaUniform(name, tensor.sizes());
    if (ends("running_var")) {
      target.copy_(0.75 + 0.5 * u);
    } else if (ends("running_mean") || ends("bias") || ends("class_token") || ends("pos_embedding") ||
               ends("layer_scale")) {
      target.copy_(0.2 * (u - 0.5));
    } else if (tensor.dim() == 1) {
      target.copy_(0.9 + 0.2 * u);
    } else {
      const int64_t fan_in = tensor.numel() / tensor.size(0);
      target.copy_(2 * (u - 0.5) * std::sqrt(3.0 / static_cast<double>(fan_in)));
    }
  }
}

}  // namespace bakeoff::train::zoo
