// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Completes the shapes that a user gave from the model's inputs; checks shapes; reads them from text.
#include "core/shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::core {
namespace {

bool HasFreeBatch(const TensorSpec& input) {
  return !input.shape.empty() && input.shape[0] == kFree;
}

// The batch that the given shapes imply, where they agree.
int64_t ImpliedBatch(const std::vector<TensorSpec>& inputs, const std::map<std::string, Shape>& given) {
  int64_t batch = 0;
  for (const TensorSpec& input : inputs) {
    const auto found = given.find(input.name);
    if (!HasFreeBatch(input) || found == given.end() || found->second.empty()) continue;
    if (found->second[0] == kFree) continue;
    if (batch != 0 && batch != found->second[0]) return 1;
    batch = found->second[0];
  }
  return batch == 0 ? 1 : batch;
}

void CheckBatch(const std::vector<TensorSpec>& inputs, const std::map<std::string, Shape>& shapes, int64_t batch) {
  bool taken = false;
  for (const TensorSpec& input : inputs) {
    const Shape& shape = shapes.at(input.name);
    if (HasFreeBatch(input) && shape[0] != batch) {
      throw Error(ErrorCode::kUsage, fmt::format("batch {} contradicts --shape {}={}, which was given beside it", batch,
                                                 input.name, ShapeText(shape)));
    }
    taken = taken || (!shape.empty() && shape[0] == batch);
  }
  if (taken || inputs.empty()) return;
  throw Error(
      ErrorCode::kUnsupported,
      fmt::format("batch {}: the model's batch is fixed (input '{}' is {}); convert it with a free first extent", batch,
                  inputs[0].name, ShapeText(inputs[0].shape)));
}

// The given shapes under the inputs' own names.
std::map<std::string, Shape> Named(const std::vector<TensorSpec>& inputs,
                                   const std::map<std::string, Shape>& given_shapes) {
  std::vector<std::string> names;
  for (const TensorSpec& input : inputs) names.push_back(input.name);
  std::map<std::string, Shape> given = given_shapes;
  if (auto unnamed = given.extract(""); !unnamed.empty()) {
    if (inputs.size() != 1) {
      throw Error(ErrorCode::kUsage, fmt::format("--shape {}: the model has {} inputs; name one: {}",
                                                 ShapeText(unnamed.mapped()), inputs.size(), Join(names, ", ")));
    }
    unnamed.key() = inputs[0].name;
    given.insert(std::move(unnamed));
  }
  for (const auto& [name, shape] : given) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw Error(ErrorCode::kUsage, fmt::format("--shape {}={}: the model has no such input{}; its inputs are {}",
                                                 name, ShapeText(shape), DidYouMean(name, names), Join(names, ", ")));
    }
  }
  return given;
}

// "--shape ids=?xN" says what is missing, the batch excepted.
Error FreeExtent(const TensorSpec& input, size_t axis, const AxisNames& axes) {
  const auto names = axes.find(input.name);
  const std::string name = names != axes.end() && axis < names->second.size() ? names->second[axis] : "";
  std::vector<std::string> wanted;
  for (size_t i = 0; i < input.shape.size(); ++i)
    wanted.push_back(input.shape[i] != kFree ? fmt::format("{}", input.shape[i]) : i == 0 ? "?" : "N");
  return Error(ErrorCode::kUsage,
               fmt::format("input '{}' is {}: its extent {}{} is free; give it with --shape {}={}", input.name,
                           ShapeText(input.shape), axis, name.empty() ? "" : fmt::format(", '{}',", name), input.name,
                           Join(wanted, "x")));
}

// The model's shape with what was given of it put in; what was left free is what the model says.
Shape Merged(const TensorSpec& input, const std::map<std::string, Shape>& given) {
  const auto found = given.find(input.name);
  if (found == given.end()) return input.shape;
  Shape shape = found->second;
  if (shape.size() != input.shape.size() ||
      std::any_of(shape.begin(), shape.end(), [](int64_t extent) { return extent < 1 && extent != kFree; })) {
    throw Error(ErrorCode::kUsage, fmt::format("--shape {}={}: input '{}' is {}", input.name, ShapeText(shape),
                                               input.name, ShapeText(input.shape)));
  }
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == kFree) shape[axis] = input.shape[axis];
  }
  return shape;
}

// In ONNX free extents of one name are one number.
void CheckNamedExtents(const std::vector<TensorSpec>& inputs, const std::map<std::string, Shape>& shapes,
                       const AxisNames& axes) {
  struct Place {
    const TensorSpec* input;
    size_t axis;
    int64_t extent;
  };
  std::map<std::string, Place> first;
  for (const TensorSpec& input : inputs) {
    const auto names = axes.find(input.name);
    if (names == axes.end()) continue;
    const Shape& shape = shapes.at(input.name);
    for (size_t axis = 0; axis < std::min(shape.size(), names->second.size()); ++axis) {
      const std::string& name = names->second[axis];
      // "?" and the like are no names: some exporters write them everywhere.
      if (input.shape[axis] != kFree ||
          std::none_of(name.begin(), name.end(), [](unsigned char letter) { return std::isalnum(letter) != 0; }))
        continue;
      const auto [known, fresh] = first.try_emplace(name, Place{&input, axis, shape[axis]});
      const Place& other = known->second;
      if (fresh || other.extent == shape[axis]) continue;
      throw Error(
          ErrorCode::kUsage,
          fmt::format("extent {} of input '{}' and extent {} of input '{}' are both '{}' and so one number, but "
                      "{} and {} were given; make them equal with --shape",
                      other.axis, other.input->name, axis, input.name, name, other.extent, shape[axis]));
    }
  }
}

}  // namespace

std::map<std::string, Shape> CompleteShapes(const std::vector<TensorSpec>& inputs,
                                            const std::map<std::string, Shape>& given_shapes, int64_t batch,
                                            const AxisNames& axes) {
  const std::map<std::string, Shape> given = Named(inputs, given_shapes);
  const int64_t free_batch = batch > 0 ? batch : ImpliedBatch(inputs, given);
  std::map<std::string, Shape> shapes;
  for (const TensorSpec& input : inputs) {
    Shape shape = Merged(input, given);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] == 0)
        throw Error(ErrorCode::kUsage,
                    fmt::format("input '{}' is {}: an extent of 0 leaves it without values, so there "
                                "is nothing to run",
                                input.name, ShapeText(shape)));
      if (shape[axis] >= 0) continue;
      if (axis != 0) throw FreeExtent(input, axis, axes);
      shape[axis] = free_batch;
    }
    shapes[input.name] = std::move(shape);
  }
  if (batch > 0) CheckBatch(inputs, shapes, batch);
  CheckNamedExtents(inputs, shapes, axes);
  return shapes;
}

std::map<std::string, Shape> FixShapes(const std::vector<TensorSpec>& inputs,
                                       const std::map<std::string, Shape>& given_shapes) {
  const std::map<std::string, Shape> given = Named(inputs, given_shapes);
  std::map<std::string, Shape> shapes;
  for (const TensorSpec& input : inputs) {
    Shape shape = Merged(input, given);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (input.shape[axis] == kFree || input.shape[axis] == shape[axis]) continue;
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("--shape {0}={1}: input '{0}' is {2}, and a fixed extent cannot be changed", input.name,
                              ShapeText(shape), ShapeText(input.shape)));
    }
    shapes[input.name] = std::move(shape);
  }
  return shapes;
}

void CheckShapes(const std::vector<TensorSpec>& inputs, const std::map<std::string, Shape>& shapes) {
  for (const TensorSpec& input : inputs) {
    const Shape& shape = shapes.at(input.name);
    bool fits = shape.size() == input.shape.size();
    for (size_t axis = 0; fits && axis < shape.size(); ++axis) {
      fits = shape[axis] >= 1 && (input.shape[axis] == kFree || input.shape[axis] == shape[axis]);
    }
    if (!fits) {
      throw Error(ErrorCode::kUsage, fmt::format("input '{}' takes the shape {}, not {}", input.name,
                                                 ShapeText(input.shape), ShapeText(shape)));
    }
  }
}

Shape ParseShape(std::string_view what, std::string_view text) {
  if (text == "scalar") return {};
  Shape shape;
  for (const std::string& part : Split(text, 'x')) {
    const std::optional<int64_t> extent = part == "?" ? kFree : ParseInt(part);
    if (!extent || (*extent < 1 && part != "?")) {
      throw Error(
          ErrorCode::kUsage,
          fmt::format("{}={}: not a shape; say for example 1x3x224x224, ?x10 (? is free) or scalar", what, text));
    }
    shape.push_back(*extent);
  }
  if (shape.empty()) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: an empty text is no shape; say for example 1x3x224x224", what));
  }
  return shape;
}

}  // namespace bakeoff::core
