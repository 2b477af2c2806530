// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The list of random networks.
#include "graph/models/models.h"

#include <fmt/format.h>

#include <array>

#include "bakeoff/error.h"
#include "core/text.h"
#include "graph/models/layers.h"
#include "graph/onnx.h"

namespace bakeoff::graph {
namespace {

struct Row {
  ModelSpec spec;
  void (*build)(Layers&, const ModelRequest&);
  int64_t calibration_rows;
  int64_t smallest_image;  // 0: no images
};

constexpr int64_t kMaxImage = 4096;
constexpr int64_t kMaxClasses = 1'000'000;

// Images are many numbers each, so few of them suffice.
constexpr std::array<Row, 5> kRows{{
    {{"mlp", "three fully connected layers on 784 numbers", 10}, BuildMlp, 64, 0},
    {{"resnet18", "ResNet-18: 11.7 M parameters, 1.8 G multiply-adds", 1000}, BuildResNet18, 4, 32},
    {{"resnet50", "ResNet-50: 25.6 M parameters, 4.1 G multiply-adds", 1000}, BuildResNet50, 4, 32},
    {{"mobilenet_v2", "MobileNetV2: 3.5 M parameters, 0.3 G multiply-adds", 1000}, BuildMobileNetV2, 4, 32},
    {{"multi", "two inputs (i64 ids below 100, f32 features), two outputs", 5}, BuildMulti, 64, 0},
}};

const Row& Find(const std::string& name) {
  std::vector<std::string> names;
  for (const Row& row : kRows) {
    if (row.spec.name == name) return row;
    names.emplace_back(row.spec.name);
  }
  throw Error(ErrorCode::kUsage, fmt::format("no model named '{}'{}; there are {}", name, core::DidYouMean(name, names),
                                             core::Join(names, ", ")));
}

void Require(bool condition, const std::string& text) {
  if (!condition) throw Error(ErrorCode::kUsage, text);
}

}  // namespace

std::span<const ModelSpec> KnownModels() {
  static const auto specs = [] {
    std::array<ModelSpec, kRows.size()> list;
    for (size_t i = 0; i < kRows.size(); ++i) list[i] = kRows[i].spec;
    return list;
  }();
  return specs;
}

Model MakeModel(const ModelRequest& request) {
  const Row& row = Find(request.name);
  ModelRequest complete = request;
  if (complete.classes == 0) complete.classes = row.spec.classes;
  Require(complete.classes >= 1 && complete.classes <= kMaxClasses,
          fmt::format("classes {}: must be 1 to {}", complete.classes, kMaxClasses));
  Require(complete.width >= 0.05 && complete.width <= 8, fmt::format("width {}: must be 0.05 to 8", complete.width));
  Require(complete.batch >= 0, fmt::format("batch {}: must be 1 or more, or free", complete.batch));
  Require(row.smallest_image == 0 || (complete.image_size >= row.smallest_image && complete.image_size <= kMaxImage),
          fmt::format("image size {}: must be {} to {}", complete.image_size, row.smallest_image, kMaxImage));
  Model model;
  model.producer = "bakeoff";
  model.graph.name = complete.name;
  model.graph.doc = fmt::format("{} with random weights of seed {}", row.spec.name, complete.seed);
  Layers layers(model.graph, complete.seed);
  row.build(layers, complete);
  if (complete.calibrate) Calibrate(model.graph, complete.seed, row.calibration_rows);
  InferShapes(model);
  return model;
}

}  // namespace bakeoff::graph
