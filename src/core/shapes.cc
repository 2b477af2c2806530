// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Completes the shapes that a user gave from the model's inputs.
#include "core/shapes.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::core {

std::map<std::string, Shape> CompleteShapes(const std::vector<TensorSpec>& inputs,
                                            const std::map<std::string, Shape>& given) {
  std::vector<std::string> names;
  for (const TensorSpec& input : inputs) names.push_back(input.name);
  for (const auto& [name, shape] : given) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw Error(ErrorCode::kUsage, fmt::format("--shape {}={}: the model has no such input{}; its inputs are {}",
                                                 name, ShapeText(shape), DidYouMean(name, names), Join(names, ", ")));
    }
  }
  std::map<std::string, Shape> shapes;
  for (const TensorSpec& input : inputs) {
    Shape shape = input.shape;
    if (const auto found = given.find(input.name); found != given.end()) {
      shape = found->second;
      if (shape.size() != input.shape.size() ||
          std::any_of(shape.begin(), shape.end(), [](int64_t extent) { return extent < 1; })) {
        throw Error(ErrorCode::kUsage, fmt::format("--shape {}={}: input '{}' is {}", input.name, ShapeText(shape),
                                                   input.name, ShapeText(input.shape)));
      }
    }
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] >= 0) continue;
      if (axis != 0) {
        throw Error(ErrorCode::kUsage,
                    fmt::format("input '{}' is {}: its extent {} is free; give it with --shape {}=...", input.name,
                                ShapeText(input.shape), axis, input.name));
      }
      shape[axis] = 1;
    }
    shapes[input.name] = std::move(shape);
  }
  return shapes;
}

}  // namespace bakeoff::core
