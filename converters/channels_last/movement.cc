// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Operators that only move elements. Where elements lie as they should already, nothing is written.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "converters/channels_last/lowering.h"
#include "core/text.h"

namespace bakeoff::channels_last {
namespace {

using graph::LayoutRule;
using graph::Permutation;

size_t Rank(const Value& value) {
  if (!value.shape) throw Refusal{fmt::format("the rank of '{}' is not known", value.name()), kFixShapes};
  return value.shape->size();
}

// Where only an axis of extent 1 comes or goes, any number of extents may be free.
bool OneAxis(Lowering& to, const Node& node, Index input, const std::vector<int32_t>& result) {
  const std::vector<int32_t>& given = to.program().Extents(input);
  const bool grows = result.size() == given.size() + 1;
  if (!grows && given.size() != result.size() + 1) return false;
  const std::vector<int32_t>& longer = grows ? result : given;
  for (size_t axis = 0; axis < longer.size(); ++axis) {
    std::vector<int32_t> rest = longer;
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(axis));
    if (longer[axis] != 1 || rest != (grows ? given : result)) continue;
    if (grows) {
      to.Op(BuiltinOperator::EXPAND_DIMS, {input, to.program().AddInt(static_cast<int32_t>(axis))}, to.Out(node),
            Options(tflite::ExpandDimsOptionsT{}));
    } else {
      tflite::SqueezeOptionsT options;
      options.squeeze_dims = {static_cast<int32_t>(axis)};
      to.Op(BuiltinOperator::SQUEEZE, {input}, to.Out(node), Options(std::move(options)));
    }
    return true;
  }
  return false;
}

// To the output's extents, which differ in one free extent at most.
void ReshapeTo(Lowering& to, const Node& node, Index input) {
  std::vector<int32_t> extents = Lowering::Lies(*node.output(0));
  if (extents == to.program().Extents(input)) return to.Alias(node, input);
  if (std::count(extents.begin(), extents.end(), -1) > 1 && OneAxis(to, node, input, extents)) return;
  if (std::count(extents.begin(), extents.end(), -1) > 1)
    throw Refusal{"more than one extent of its result is free", kFixShapes};
  tflite::ReshapeOptionsT options;
  options.new_shape = extents;
  const Index shape = to.program().AddInts(extents);
  to.Op(BuiltinOperator::RESHAPE, {input, shape}, to.Out(node), Options(std::move(options)));
}

// From the order of the input to that of the output, both of the same logical axes.
void Relayout(Lowering& to, const Node& node) {
  const Value &x = *node.input(0), &y = *node.output(0);
  const Index input = to.In(node, 0);
  const Permutation from = graph::FullPermutation(x.permutation, Rank(x)),
                    wanted = graph::FullPermutation(y.permutation, Rank(y));
  if (from == wanted) return to.Alias(node, input);
  // A reshape may have one free extent only; a transpose that moves an axis of extent 1 is right as well.
  const std::vector<int32_t> extents = Lowering::Lies(y);
  if (graph::SameInMemory(*x.shape, from, wanted) && std::count(extents.begin(), extents.end(), -1) < 2)
    return ReshapeTo(to, node, input);
  std::vector<int32_t> order;
  for (const int axis : wanted)
    order.push_back(static_cast<int32_t>(std::find(from.begin(), from.end(), axis) - from.begin()));
  to.Op(BuiltinOperator::TRANSPOSE, {input, to.program().AddInts(order)}, to.Out(node),
        Options(tflite::TransposeOptionsT{}));
}

// The layout pass gave the output the order in which its elements lie.
void Transpose(Lowering& to, const Node& node) {
  if (!Constant(node.input(0))) return to.Alias(node, to.In(node, 0));
  throw Refusal{"its input is a constant that could not be folded"};
}

void Reshape(Lowering& to, const Node& node) {
  ReshapeTo(to, node, to.In(node, 0));
}

void Concat(Lowering& to, const Node& node) {
  const Value& y = *node.output(0);
  std::vector<Index> inputs;
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    const Value* value = node.input(i);
    inputs.push_back(value && Constant(value) ? to.ConstantLike(*value, y, true) : to.In(node, i));
  }
  tflite::ConcatenationOptionsT options;
  options.axis = static_cast<int32_t>(graph::PhysicalAxis(y, node.Int("axis", 0)));
  to.Op(BuiltinOperator::CONCATENATION, std::move(inputs), to.Out(node), Options(std::move(options)));
}

void Split(Lowering& to, const Node& node) {
  const Value& x = *node.input(0);
  const int64_t axis = node.Int("axis", 0);
  const auto physical = static_cast<int32_t>(graph::PhysicalAxis(x, axis));
  std::vector<int32_t> sizes;
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    if (!node.output(i)) throw Refusal{"one of its outputs is left out"};
    sizes.push_back(Lowering::Lies(*node.output(i)).at(physical));
  }
  if (std::count(sizes.begin(), sizes.end(), -1) > 0) throw Refusal{"the sizes of its parts are not known", kFixShapes};
  const Index input = to.In(node, 0);
  std::vector<Index> outputs;
  for (size_t i = 0; i < node.outputs().size(); ++i) outputs.push_back(to.Out(node, i));
  const auto count = static_cast<int32_t>(outputs.size());
  if (std::all_of(sizes.begin(), sizes.end(), [&](int32_t size) { return size == sizes[0]; })) {
    tflite::SplitOptionsT options;
    options.num_splits = count;
    to.program().AddOperator(BuiltinOperator::SPLIT, {to.program().AddInt(physical), input}, outputs,
                             Options(std::move(options)));
    return;
  }
  tflite::SplitVOptionsT options;
  options.num_splits = count;
  to.program().AddOperator(BuiltinOperator::SPLIT_V,
                           {input, to.program().AddInts(sizes), to.program().AddInt(physical)}, outputs,
                           Options(std::move(options)));
}

int32_t Clamped(int64_t value) {
  return static_cast<int32_t>(
      std::clamp<int64_t>(value, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
}

void Slice(Lowering& to, const Node& node) {
  const Value& x = *node.input(0);
  const auto starts = Ints(node.input(1), "starts"), ends = Ints(node.input(2), "ends");
  std::vector<int64_t> axes(starts.size()), steps(starts.size(), 1);
  std::iota(axes.begin(), axes.end(), 0);
  if (node.input(3)) axes = Ints(node.input(3), "axes");
  if (node.input(4)) steps = Ints(node.input(4), "steps");
  const size_t rank = Rank(x);
  std::vector<int32_t> begin(rank, 0), end(rank, 0), stride(rank, 1);
  tflite::StridedSliceOptionsT options;
  options.begin_mask = options.end_mask = (1 << rank) - 1;
  for (size_t i = 0; i < starts.size(); ++i) {
    const size_t axis = graph::PhysicalAxis(x, axes[i]);
    begin[axis] = Clamped(starts[i]);
    end[axis] = Clamped(ends[i]);
    stride[axis] = Clamped(steps[i]);
    options.begin_mask &= ~(1 << axis);
    // Far ends stand for "to the last", backwards to the first.
    const bool far =
        steps[i] > 0 ? ends[i] >= std::numeric_limits<int32_t>::max() : ends[i] <= -std::numeric_limits<int32_t>::max();
    if (!far) options.end_mask &= ~(1 << axis);
  }
  const Index b = to.program().AddInts(begin), e = to.program().AddInts(end), s = to.program().AddInts(stride);
  to.Op(BuiltinOperator::STRIDED_SLICE, {to.In(node, 0), b, e, s}, to.Out(node), Options(std::move(options)));
}

void Gather(Lowering& to, const Node& node) {
  const Value& x = *node.input(0);
  int64_t axis = node.Int("axis", 0);
  if (axis < 0) axis += static_cast<int64_t>(Rank(x));
  Index indices = kAbsent;
  if (const graph::Tensor* constant = Constant(node.input(1))) {
    // The targets have no negative indices.
    std::vector<int32_t> values;
    for (int64_t value : Ints(node.input(1), "indices")) {
      const auto extent = (*x.shape)[static_cast<size_t>(axis)].Value();
      if (value < 0 && !extent) throw Refusal{"a negative index into a free extent", kFixShapes};
      values.push_back(static_cast<int32_t>(value < 0 ? value + *extent : value));
    }
    const graph::Tensor whole{graph::ElementType::kI32, constant->dims, graph::Bytes::OwnAs(values), {}};
    indices = to.program().AddConstant(node.output(0)->name() + ".indices", whole);
  } else {
    indices = to.In(node, 1);
  }
  tflite::GatherOptionsT options;
  options.axis = static_cast<int32_t>(graph::PhysicalAxis(x, axis));
  to.Op(BuiltinOperator::GATHER, {to.In(node, 0), indices}, to.Out(node), Options(std::move(options)));
}

void Pad(Lowering& to, const Node& node) {
  const Value& x = *node.input(0);
  const auto pads = Ints(node.input(1), "pads");
  const size_t rank = Rank(x);
  std::vector<int64_t> axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (node.input(3)) axes = Ints(node.input(3), "axes");
  const std::string mode = node.String("mode", "constant");
  if (mode != "constant" && mode != "reflect")
    throw Refusal{fmt::format("padding in the mode {} is not converted", mode)};
  if (std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad < 0; }))
    throw Refusal{"negative padding is not converted"};
  std::vector<int32_t> amounts(rank * 2, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t axis = graph::PhysicalAxis(x, axes[i]);
    amounts[axis * 2] = static_cast<int32_t>(pads[i]);
    amounts[axis * 2 + 1] = static_cast<int32_t>(pads[i + axes.size()]);
  }
  const graph::Tensor table{
      graph::ElementType::kI32, {static_cast<int64_t>(rank), 2}, graph::Bytes::OwnAs(amounts), {}};
  const Index paddings = to.program().AddConstant(node.output(0)->name() + ".paddings", table);
  if (mode == "reflect") {
    return to.Op(BuiltinOperator::MIRROR_PAD, {to.In(node, 0), paddings}, to.Out(node),
                 Options(tflite::MirrorPadOptionsT{}));
  }
  const double value = node.input(2) ? Reals(node.input(2), "padding value").at(0) : 0;
  const Index input = to.In(node, 0);
  if (value == 0) return to.Op(BuiltinOperator::PAD, {input, paddings}, to.Out(node), Options(tflite::PadOptionsT{}));
  to.Op(BuiltinOperator::PADV2, {input, paddings, to.program().AddFloat(static_cast<float>(value))}, to.Out(node),
        Options(tflite::PadV2OptionsT{}));
}

void Expand(Lowering& to, const Node& node) {
  const Value& y = *node.output(0);
  const std::vector<int32_t> extents = Lowering::Lies(y);
  const Index input = to.In(node, 0);
  if (std::count(extents.begin(), extents.end(), -1) == 0) {
    return to.Op(BuiltinOperator::BROADCAST_TO, {input, to.program().AddInts(extents)}, to.Out(node),
                 Options(tflite::BroadcastToOptionsT{}), 2);
  }
  // ONNX lets input and shape broadcast each other, BROADCAST_TO does not: a product with ones does.
  if (y.type != graph::ElementType::kF32)
    throw Refusal{"only f32 is expanded to a shape that is not known", kFixShapes};
  const Index shape = to.In(node, 1);
  const auto rank = static_cast<size_t>(std::max(to.program().Extents(shape).at(0), 0));
  const Index ones = to.Temporary(node, TensorType::FLOAT32, std::vector<int32_t>(rank, -1));
  to.Op(BuiltinOperator::FILL, {shape, to.program().AddFloat(1)}, ones, Options(tflite::FillOptionsT{}));
  to.Op(BuiltinOperator::MUL, {input, ones}, to.Out(node), Options(tflite::MulOptionsT{}));
}

// Extents in the order of ONNX, from where the axes lie.
void Shape(Lowering& to, const Node& node) {
  const Value& x = *node.input(0);
  const auto rank = static_cast<int64_t>(Rank(x));
  const auto bound = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t start = bound(node.Int("start", 0)), end = bound(node.Int("end", rank));
  std::vector<int32_t> places;
  for (int64_t axis = start; axis < end; ++axis) places.push_back(static_cast<int32_t>(graph::PhysicalAxis(x, axis)));
  tflite::ShapeOptionsT options;
  options.out_type = TensorType::INT64;
  const Index all = to.Temporary(node, TensorType::INT64, {static_cast<int32_t>(rank)});
  to.Op(BuiltinOperator::SHAPE, {to.In(node, 0)}, all, Options(std::move(options)));
  to.Op(BuiltinOperator::GATHER, {all, to.program().AddInts(places)}, to.Out(node), Options(tflite::GatherOptionsT{}));
}

constexpr Rule kRules[] = {
    // Nodes of the layout pass; those of the model were removed.
    {"Identity", LayoutRule::kAny, Relayout},
    {"Transpose", LayoutRule::kTranspose, Transpose},
    {"Reshape", LayoutRule::kReshape, Reshape},
    {"Flatten", LayoutRule::kReshape, Reshape},
    {"Squeeze", LayoutRule::kReshape, Reshape},
    {"Unsqueeze", LayoutRule::kReshape, Reshape},
    {"Concat", LayoutRule::kAny, Concat},
    {"Split", LayoutRule::kAny, Split},
    {"Slice", LayoutRule::kAny, Slice},
    {"Gather", LayoutRule::kGather, Gather},
    {"Pad", LayoutRule::kAny, Pad},
    {"Expand", LayoutRule::kLogical, Expand},
    {"Shape", LayoutRule::kExtents, Shape},
};

}  // namespace

std::span<const Rule> MovementRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
