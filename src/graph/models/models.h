// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Real networks with seeded random weights: something to measure and to test with, without a download.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/model.h"

namespace bakeoff::graph {

struct ModelSpec {
  std::string_view name;
  std::string_view summary;
  int64_t classes;  // by default
};

// mlp, resnet18, resnet50, mobilenet_v2, multi.
std::span<const ModelSpec> KnownModels();

struct ModelRequest {
  std::string name;
  uint64_t seed = 1;
  int64_t image_size = 224;  // image networks only
  int64_t classes = 0;       // 0: the model's default
  double width = 1.0;        // factor on the channels
  int64_t batch = 0;         // 0: free
  bool calibrate = true;     // false: much faster, but outputs hardly depend on inputs
};

// The same request gives the same model, to the bit, on every machine. Weights are He-initialised; batch-norm
// statistics are those of a seeded batch, and the last layer is centred on it, so that outputs differ between inputs
// and between classes. Throws Error{kUsage} naming the field for an unknown name (suggesting one) or a number out of
// range.
Model MakeModel(const ModelRequest& request);

}  // namespace bakeoff::graph
