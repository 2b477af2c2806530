// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Enlarging and shrinking of pictures, in the ways that the targets have.
#include <fmt/format.h>

#include <cmath>

#include "converters/channels_last/lowering.h"

namespace bakeoff::channels_last {
namespace {

constexpr size_t kScales = 2, kSizes = 3;

// How places of the result become places of the input.
struct Places {
  bool linear, align_corners, half_pixel_centers;
};

Places PlacesOf(const Node& node) {
  const std::string mode = node.String("mode", "nearest");
  const std::string how = node.String("coordinate_transformation_mode", "half_pixel");
  const std::string rounding = node.String("nearest_mode", "round_prefer_floor");
  const bool plain = node.Int("antialias", 0) == 0 && node.Ints("axes").empty() &&
                     node.Int("exclude_outside", 0) == 0 &&
                     node.String("keep_aspect_ratio_policy", "stretch") == "stretch";
  const bool half = how == "half_pixel" || how == "pytorch_half_pixel", corners = how == "align_corners";
  if (plain && mode == "linear" && (half || corners || how == "asymmetric")) return {true, corners, half};
  // Legacy places round down, the others to the nearest, a half up.
  if (plain && mode == "nearest" && how == "asymmetric" && rounding == "floor") return {false, false, false};
  if (plain && mode == "nearest" && (half || corners) && rounding == "round_prefer_ceil") return {false, corners, half};
  throw Refusal{fmt::format("the target cannot resize in the mode {} with {}{}", mode, how,
                            mode == "nearest" ? " and " + rounding : "")};
}

bool Has(const Node& node, size_t index) {
  const Value* value = node.input(index);
  const graph::Tensor* tensor = Constant(value);
  return value && (!tensor || tensor->Count() > 0);
}

// Height and width of the result as two whole numbers.
Index SizeOf(Lowering& to, const Node& node, const Places& places) {
  const Value &x = *node.input(0), &y = *node.output(0);
  std::vector<double> scales;
  if (Has(node, kScales)) {
    scales = Reals(node.input(kScales), "scales");
    if (scales.size() != 4 || scales[0] != 1 || scales[1] != 1) throw Refusal{"only height and width are resized"};
  }
  std::vector<int32_t> size;
  for (const size_t axis : {2U, 3U}) {
    const auto from = (*x.shape)[axis].Value(), result = (*y.shape)[axis].Value();
    if (!result) continue;
    const auto ratio = from ? static_cast<double>(*result) / static_cast<double>(*from) : 0;
    // The targets go by the sizes, ONNX by the scale.
    if (from && !scales.empty() && std::fabs(ratio - scales[axis]) > 1e-6 * ratio)
      throw Refusal{"its scale is not the ratio of the sizes"};
    if (*result == 1 && places.linear && node.String("coordinate_transformation_mode", "") == "pytorch_half_pixel" &&
        from != 1)
      throw Refusal{"a result of one pixel is taken from another place"};
    size.push_back(static_cast<int32_t>(*result));
  }
  if (size.size() == 2) return to.program().AddInts(size);
  const Index both = to.Temporary(node, TensorType::INT32, {2});
  if (scales.empty()) {
    const Index given = to.In(node, kSizes), wide = to.Temporary(node, to.program().Type(given), {2});
    to.Op(BuiltinOperator::GATHER, {given, to.program().AddInts({2, 3})}, wide, Options(tflite::GatherOptionsT{}));
    tflite::CastOptionsT cast;
    cast.in_data_type = to.program().Type(given);
    cast.out_data_type = TensorType::INT32;
    to.Op(BuiltinOperator::CAST, {wide}, both, Options(std::move(cast)));
    return both;
  }
  std::vector<int32_t> factors;
  for (const size_t axis : {2U, 3U}) {
    if (scales[axis] != std::floor(scales[axis]))
      throw Refusal{"a free size with a scale that is not whole", kFixShapes};
    factors.push_back(static_cast<int32_t>(scales[axis]));
  }
  tflite::ShapeOptionsT options;
  options.out_type = TensorType::INT32;
  const Index all = to.Temporary(node, TensorType::INT32, {4}), old = to.Temporary(node, TensorType::INT32, {2});
  to.Op(BuiltinOperator::SHAPE, {to.In(node, 0)}, all, Options(std::move(options)));
  to.Op(BuiltinOperator::GATHER, {all, to.program().AddInts({1, 2})}, old, Options(tflite::GatherOptionsT{}));
  to.Op(BuiltinOperator::MUL, {old, to.program().AddInts(factors)}, both, Options(tflite::MulOptionsT{}));
  return both;
}

void Resize(Lowering& to, const Node& node) {
  const Value &x = *node.input(0), &y = *node.output(0);
  if (!x.shape || x.shape->size() != 4 || !y.shape || y.shape->size() != 4)
    throw Refusal{"only inputs of rank 4 are converted"};
  const Places places = PlacesOf(node);
  const Index input = to.In(node, 0), size = SizeOf(to, node, places);
  if (places.linear) {
    tflite::ResizeBilinearOptionsT options;
    options.align_corners = places.align_corners;
    options.half_pixel_centers = places.half_pixel_centers;
    return to.Op(BuiltinOperator::RESIZE_BILINEAR, {input, size}, to.Out(node), Options(std::move(options)), 3);
  }
  tflite::ResizeNearestNeighborOptionsT options;
  options.align_corners = places.align_corners;
  options.half_pixel_centers = places.half_pixel_centers;
  to.Op(BuiltinOperator::RESIZE_NEAREST_NEIGHBOR, {input, size}, to.Out(node), Options(std::move(options)), 3);
}

constexpr Rule kRules[] = {{"Resize", graph::LayoutRule::kChannelsLast, Resize}};

}  // namespace

std::span<const Rule> ResizeRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
