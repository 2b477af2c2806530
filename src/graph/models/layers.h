// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Layers of the random networks. Only for the files of this folder.
#pragma once

#include <cstdint>
#include <string>

#include "graph/builder.h"
#include "graph/models/models.h"
#include "graph/models/random.h"

namespace bakeoff::graph {

// Adds layers with random weights, each from the stream of its own name.
class Layers {
 public:
  Layers(Graph& graph, uint64_t seed) : build_(graph), seed_(seed) {}

  // Without bias; a batch norm follows.
  Value* Conv(Value* x, const std::string& name, int64_t in, int64_t out, int64_t kernel, int64_t stride,
              int64_t groups = 1);
  // `gain` below 1 for the last one before a shortcut is added: full residual branches make a network chaotic, so that
  // the rounding of different engines would show in the outputs.
  Value* BatchNorm(Value* x, const std::string& name, int64_t channels, float gain = 1);
  Value* Gemm(Value* x, const std::string& name, int64_t in, int64_t out);
  Value* Relu(Value* x, const std::string& name) { return build_.Op("Relu", {x}, {}, name); }
  // Global average and one row per image.
  Value* PoolToRow(Value* x);

  Builder& build() { return build_; }
  Random Stream(const std::string& name) const { return Random(seed_, name); }

 private:
  Builder build_;
  uint64_t seed_;
};

inline constexpr float kResidualGain = 0.3F;

// Channels times width, a multiple of 8 that is not less than 8.
int64_t Scaled(int64_t channels, double width);

// Sets every BatchNormalization's statistics, and every Gemm's scale and bias, to what a seeded batch shows there.
// `rows` inputs are made for it.
void Calibrate(Graph& graph, uint64_t seed, int64_t rows);

void BuildMlp(Layers& layers, const ModelRequest& request);
void BuildResNet18(Layers& layers, const ModelRequest& request);
void BuildResNet50(Layers& layers, const ModelRequest& request);
void BuildMobileNetV2(Layers& layers, const ModelRequest& request);
void BuildMulti(Layers& layers, const ModelRequest& request);

}  // namespace bakeoff::graph
