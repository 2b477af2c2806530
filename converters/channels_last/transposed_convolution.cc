// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Transposed convolutions: the targets make the whole result, and padding is what is cut off it.
#include <fmt/format.h>

#include <algorithm>

#include "converters/channels_last/window.h"

namespace bakeoff::channels_last {
namespace {

using Pair = std::array<int32_t, 2>;

struct Plan {
  Window window;
  Pair more{};  // places at the end that no window reaches, only the bias
  Pair cut{};   // taken off at the end; window.before is at the beginning
};

Plan PlanOf(const Node& node, const graph::Tensor& weights) {
  if (node.String("auto_pad", "NOTSET") != "NOTSET" || !node.Ints("output_shape").empty())
    throw Refusal{"padding that follows from the size of its result is not converted"};
  if (node.Int("group", 1) != 1) throw Refusal{"the targets' transposed convolutions have no groups"};
  Plan plan{WindowOf(node, {static_cast<int32_t>(weights.dims[2]), static_cast<int32_t>(weights.dims[3])})};
  if (plan.window.dilation != Pair{1, 1}) throw Refusal{"the targets' transposed convolutions have no dilation"};
  const auto padding = node.Ints("output_padding", {0, 0});
  for (size_t axis = 0; axis < 2; ++axis) {
    const auto extra = static_cast<int32_t>(padding.at(axis));
    plan.more[axis] = std::max(0, extra - plan.window.after[axis]);
    plan.cut[axis] = std::max(0, plan.window.after[axis] - extra);
  }
  return plan;
}

// Batch, height, width and channels of the whole result, computed from the input's where they are free.
Index WholeShape(Lowering& to, const Node& node, Index input, const std::vector<int32_t>& whole, const Plan& plan) {
  if (std::ranges::count(whole, -1) == 0) return to.program().AddInts(whole);
  const auto numbers = [&](int32_t count) { return to.Temporary(node, TensorType::INT32, {count}); };
  tflite::ShapeOptionsT options;
  options.out_type = TensorType::INT32;
  const Index all = numbers(4), size = numbers(2), scaled = numbers(2), grown = numbers(2), batch = numbers(1);
  to.Op(BuiltinOperator::SHAPE, {input}, all, Options(std::move(options)));
  to.Op(BuiltinOperator::GATHER, {all, to.program().AddInts({0})}, batch, Options(tflite::GatherOptionsT{}));
  to.Op(BuiltinOperator::GATHER, {all, to.program().AddInts({1, 2})}, size, Options(tflite::GatherOptionsT{}));
  const Window& window = plan.window;
  std::vector<int32_t> rest;
  for (size_t axis = 0; axis < 2; ++axis) rest.push_back(window.kernel[axis] - window.stride[axis] + plan.more[axis]);
  to.Op(BuiltinOperator::MUL, {size, to.program().AddInts({window.stride[0], window.stride[1]})}, scaled,
        Options(tflite::MulOptionsT{}));
  to.Op(BuiltinOperator::ADD, {scaled, to.program().AddInts(rest)}, grown, Options(tflite::AddOptionsT{}));
  const Index shape = numbers(4);
  to.Op(BuiltinOperator::CONCATENATION, {batch, grown, to.program().AddInts({whole[3]})}, shape,
        Options(tflite::ConcatenationOptionsT{}));
  return shape;
}

void Cut(Lowering& to, const Node& node, Index whole, const Pair& before, const Pair& after) {
  tflite::StridedSliceOptionsT options;
  options.begin_mask = options.end_mask = 0b1001;
  for (size_t axis = 0; axis < 2; ++axis) {
    if (after[axis] == 0) options.end_mask |= 2 << axis;
  }
  const Index begin = to.program().AddInts({0, before[0], before[1], 0});
  const Index end = to.program().AddInts({0, -after[0], -after[1], 0});
  to.Op(BuiltinOperator::STRIDED_SLICE, {whole, begin, end, to.program().AddInts({1, 1, 1, 1})}, to.Out(node),
        Options(std::move(options)));
}

// (.., extents, ..) with `step - 1` zeros behind each place of the axis.
Index WithZerosBetween(Lowering& to, const Node& node, Index input, size_t axis, int32_t step) {
  if (step == 1) return input;
  const auto place = static_cast<ptrdiff_t>(axis) + 1;
  std::vector<int32_t> apart = to.program().Extents(input), padded, joined = apart;
  apart.insert(apart.begin() + place, 1);
  padded = apart;
  padded[axis + 1] = step;
  joined[axis] *= step;
  const auto reshaped = [&](Index from, const std::vector<int32_t>& extents) {
    tflite::ReshapeOptionsT options;
    options.new_shape = extents;
    const Index result = to.Temporary(node, to.program().Type(from), extents);
    to.Op(BuiltinOperator::RESHAPE, {from, to.program().AddInts(extents)}, result, Options(std::move(options)));
    return result;
  };
  std::vector<int32_t> amounts(apart.size() * 2, 0);
  amounts[(axis + 1) * 2 + 1] = step - 1;
  const graph::Tensor table{
      graph::ElementType::kI32, {static_cast<int64_t>(apart.size()), 2}, graph::Bytes::OwnAs(amounts), {}};
  const Index filled = to.Temporary(node, to.program().Type(input), padded);
  const Index paddings = to.program().AddConstant(fmt::format("{}.zeros{}", node.output(0)->name(), axis), table);
  to.Op(BuiltinOperator::PAD, {reshaped(input, apart), paddings}, filled, Options(tflite::PadOptionsT{}));
  return reshaped(filled, joined);
}

// inputs x outputs x height x width as outputs x height x width x inputs, turned by half a circle.
graph::Tensor Turned(const graph::Tensor& weights) {
  const int64_t inputs = weights.dims[0], outputs = weights.dims[1], places = weights.dims[2] * weights.dims[3];
  const auto values = weights.Floats();
  std::vector<float> turned(values.size());
  for (int64_t i = 0; i < inputs; ++i) {
    for (int64_t o = 0; o < outputs; ++o) {
      for (int64_t p = 0; p < places; ++p)
        turned[static_cast<size_t>((o * places + places - 1 - p) * inputs + i)] =
            values[static_cast<size_t>((i * outputs + o) * places + p)];
    }
  }
  return graph::Tensor::F32({outputs, weights.dims[2], weights.dims[3], inputs}, std::move(turned));
}

// Where the shape of the result would have to be computed: the convolution of the input with zeros between its places.
void Spread(Lowering& to, const Node& node, const graph::Tensor& weights, Index input, const Plan& plan) {
  const Window& window = plan.window;
  if (window.in[0] < 0 || window.in[1] < 0) throw Refusal{"its height or width is free", kFixShapes};
  if (weights.type != graph::ElementType::kF32) throw Refusal{"only weights in f32 are converted"};
  Window around{.kernel = window.kernel, .stride = {1, 1}, .dilation = {1, 1}};
  Pair after{};
  for (size_t axis = 0; axis < 2; ++axis) {
    input = WithZerosBetween(to, node, input, axis + 1, window.stride[axis]);
    around.before[axis] = around.after[axis] = window.kernel[axis] - 1;
    // Behind the last place are zeros too.
    after[axis] = plan.cut[axis] + window.stride[axis] - 1 - plan.more[axis];
  }
  if (!IsValid(around)) input = Padded(to, node, input, around, 0);
  std::vector<int32_t> whole = to.program().Extents(input);
  for (size_t axis = 0; axis < 2; ++axis) whole[axis + 1] -= window.kernel[axis] - 1;
  whole[3] = static_cast<int32_t>(weights.dims[1]);
  const graph::Tensor turned = Turned(weights);
  const Index filter = to.program().AddConstant(node.output(0)->name() + ".filter", turned, turned.dims, {}, true);
  tflite::Conv2DOptionsT options;
  options.padding = tflite::Padding::VALID;
  options.stride_h = options.stride_w = 1;
  const bool cut = window.before != Pair{} || after != Pair{};
  const Index result = cut ? to.Temporary(node, TypeOf(node.output(0)->type), whole) : to.Out(node);
  to.Op(BuiltinOperator::CONV_2D, {input, filter, BiasOf(to, node, 2, weights.dims[1])}, result,
        Options(std::move(options)));
  if (cut) Cut(to, node, result, window.before, after);
}

void ConvTranspose(Lowering& to, const Node& node) {
  const graph::Tensor* weights = Constant(node.input(1));
  if (!weights || weights->dims.size() != 4) throw Refusal{"its weights must be a constant of rank 4"};
  const Plan plan = PlanOf(node, *weights);
  const auto channels = static_cast<int32_t>(weights->dims[1]);
  const Index input = to.In(node, 0);
  std::vector<int32_t> whole{to.program().Extents(input).at(0), -1, -1, channels};
  for (size_t axis = 0; axis < 2; ++axis) {
    const Window& window = plan.window;
    if (window.in[axis] >= 0)
      whole[axis + 1] = (window.in[axis] - 1) * window.stride[axis] + window.kernel[axis] + plan.more[axis];
  }
  const bool known = std::ranges::count(whole, -1) == 0;
  if (!known && !to.target().takes_computed_shapes) return Spread(to, node, *weights, input, plan);
  const Index shape = WholeShape(to, node, input, whole, plan);
  const Index filter = to.program().AddConstant(node.input(1)->name(), *weights, weights->dims, {1, 2, 3, 0}, true);
  tflite::TransposeConvOptionsT options;
  options.padding = tflite::Padding::VALID;
  options.stride_h = plan.window.stride[0];
  options.stride_w = plan.window.stride[1];
  const bool cut = plan.window.before != Pair{} || plan.cut != Pair{};
  const Index result = cut ? to.Temporary(node, TypeOf(node.output(0)->type), whole) : to.Out(node);
  to.Op(BuiltinOperator::TRANSPOSE_CONV, {shape, filter, input, BiasOf(to, node, 2, channels)}, result,
        Options(std::move(options)), 3);
  if (cut) Cut(to, node, result, plan.window.before, plan.cut);
}

constexpr Rule kRules[] = {{"ConvTranspose", graph::LayoutRule::kChannelsLast, ConvTranspose}};

}  // namespace

std::span<const Rule> TransposedConvolutionRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
