// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Layers of the random networks.
#include "graph/models/layers.h"

#include <algorithm>
#include <cmath>

namespace bakeoff::graph {

int64_t Scaled(int64_t channels, double width) {
  const auto eighths = static_cast<int64_t>(std::floor(static_cast<double>(channels) * width / 8 + 0.5));
  return std::max<int64_t>(1, eighths) * 8;
}

Value* Layers::Conv(Value* x, const std::string& name, int64_t in, int64_t out, int64_t kernel, int64_t stride,
                    int64_t groups) {
  const int64_t fan_in = in / groups * kernel * kernel;
  const auto count = static_cast<size_t>(out * fan_in);
  const float scale = std::sqrt(2.0F / static_cast<float>(fan_in));  // He et al. 2015, for ReLU
  Value* weight = build_.Constant(name + ".weight", Tensor::F32({out, in / groups, kernel, kernel},
                                                                Stream(name + ".weight").Normals(count, scale)));
  const int64_t pad = kernel / 2;
  Attributes attributes;
  attributes["kernel_shape"] = std::vector<int64_t>{kernel, kernel};
  attributes["strides"] = std::vector<int64_t>{stride, stride};
  attributes["pads"] = std::vector<int64_t>{pad, pad, pad, pad};
  attributes["dilations"] = std::vector<int64_t>{1, 1};
  attributes["group"] = groups;
  return build_.Op("Conv", {x, weight}, std::move(attributes), name);
}

Value* Layers::BatchNorm(Value* x, const std::string& name, int64_t channels, float gain) {
  const auto count = static_cast<size_t>(channels);
  const auto constant = [&](const char* part, std::vector<float> values) {
    return build_.Constant(name + part, Tensor::F32({channels}, std::move(values)));
  };
  Value* scale = constant(".weight", Stream(name + ".weight").Uniforms(count, 0.7F * gain, 1.3F * gain));
  Value* shift = constant(".bias", Stream(name + ".bias").Normals(count, 0.3F * gain));
  Value* mean = constant(".running_mean", std::vector<float>(count, 0.0F));
  Value* variance = constant(".running_var", std::vector<float>(count, 1.0F));
  Attributes attributes;
  attributes["epsilon"] = 1e-5F;
  return build_.Op("BatchNormalization", {x, scale, shift, mean, variance}, std::move(attributes), name);
}

Value* Layers::Gemm(Value* x, const std::string& name, int64_t in, int64_t out) {
  const float scale = std::sqrt(1.0F / static_cast<float>(in));
  Value* weight = build_.Constant(
      name + ".weight", Tensor::F32({out, in}, Stream(name + ".weight").Normals(static_cast<size_t>(in * out), scale)));
  Value* bias = build_.Constant(name + ".bias",
                                Tensor::F32({out}, Stream(name + ".bias").Normals(static_cast<size_t>(out), 0.7F)));
  Attributes attributes;
  attributes["transB"] = int64_t{1};
  return build_.Op("Gemm", {x, weight, bias}, std::move(attributes), name);
}

Value* Layers::PoolToRow(Value* x) {
  Value* pooled = build_.Op("GlobalAveragePool", {x}, {}, "avgpool");
  Attributes attributes;
  attributes["axis"] = int64_t{1};
  return build_.Op("Flatten", {pooled}, std::move(attributes), "flatten");
}

}  // namespace bakeoff::graph
