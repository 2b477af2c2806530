// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// MobileNetV2 (Sandler et al. 2018): inverted residuals with depthwise convolutions and ReLU6.
#include <fmt/format.h>

#include <algorithm>

#include "graph/models/layers.h"

namespace bakeoff::graph {
namespace {

struct Stage {
  int64_t expansion, channels;
  int blocks;
  int64_t stride;
};

constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

}  // namespace

void BuildMobileNetV2(Layers& layers, const ModelRequest& request) {
  Builder& build = layers.build();
  const Dim batch = request.batch > 0 ? Dim(request.batch) : Dim::Symbol("batch");
  Value* x = build.Input("input", ElementType::kF32, {batch, 3, request.image_size, request.image_size});
  Value* zero = build.Constant("relu6.min", Tensor::Scalar(0));
  Value* six = build.Constant("relu6.max", Tensor::Scalar(6));
  // Convolution .0, batch norm .1 and, where asked, ReLU6 .2.
  const auto unit = [&](Value* in, const std::string& name, int64_t from, int64_t to, int64_t kernel, int64_t stride,
                        int64_t groups) {
    Value* y = layers.BatchNorm(layers.Conv(in, name + ".0", from, to, kernel, stride, groups), name + ".1", to);
    return build.Op("Clip", {y, zero, six}, {}, name + ".2");
  };
  int64_t channels = Scaled(32, request.width);
  x = unit(x, "features.0", 3, channels, 3, 2, 1);
  int index = 1;
  for (const Stage& stage : kStages) {
    for (int block = 0; block < stage.blocks; ++block, ++index) {
      const std::string name = fmt::format("features.{}.conv", index);
      const int64_t out = Scaled(stage.channels, request.width), inner = channels * stage.expansion;
      const int64_t stride = block == 0 ? stage.stride : 1;
      Value* y = stage.expansion == 1 ? x : unit(x, name + ".expand", channels, inner, 1, 1, 1);
      y = unit(y, name + ".depthwise", inner, inner, 3, stride, inner);
      const bool shortcut = stride == 1 && channels == out;
      y = layers.BatchNorm(layers.Conv(y, name + ".project.0", inner, out, 1, 1), name + ".project.1", out,
                           shortcut ? kResidualGain : 1);
      x = shortcut ? build.Op("Add", {x, y}, {}, name + ".add") : y;
      channels = out;
    }
  }
  // The last convolution never shrinks below its full width.
  const int64_t last = Scaled(1280, std::max(1.0, request.width));
  x = unit(x, fmt::format("features.{}", index), channels, last, 1, 1, 1);
  build.Output(layers.Gemm(layers.PoolToRow(x), "classifier.1", last, request.classes), "logits");
}

}  // namespace bakeoff::graph
