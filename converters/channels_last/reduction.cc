// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reductions and what is made of them: softmax and layer normalisation.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "converters/channels_last/lowering.h"

namespace bakeoff::channels_last {
namespace {

using graph::LayoutRule;

BuiltinOptionsUnion KeepDims(bool keep) {
  tflite::ReducerOptionsT options;
  options.keep_dims = keep;
  return Options(options);
}

// The node's axes, where they lie, ascending.
Index AxesOf(Lowering& to, const Node& node) {
  const Value& x = *node.input(0);
  if (!x.shape) throw Refusal{"the rank of its input is not known", kFixShapes};
  std::vector<int64_t> axes = node.Ints("axes");
  if (node.input(1)) axes = Ints(node.input(1), "axes");
  if (axes.empty()) {
    axes.resize(x.shape->size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  std::vector<int32_t> places;
  for (const int64_t axis : axes) places.push_back(static_cast<int32_t>(graph::PhysicalAxis(x, axis)));
  std::sort(places.begin(), places.end());
  return to.program().AddInts(places);
}

template <BuiltinOperator kCode>
void Reduce(Lowering& to, const Node& node) {
  to.Op(kCode, {to.In(node, 0), AxesOf(to, node)}, to.Out(node), KeepDims(node.Int("keepdims", 1) != 0));
}

// The root of the sum of squares.
void ReduceL2(Lowering& to, const Node& node) {
  const Value &x = *node.input(0), &y = *node.output(0);
  const Index input = to.In(node, 0);
  const Index squares = to.Temporary(node, TypeOf(x.type), Lowering::Lies(x));
  const Index sum = to.Temporary(node, TypeOf(y.type), Lowering::Lies(y));
  to.Op(BuiltinOperator::MUL, {input, input}, squares, Options(tflite::MulOptionsT{}));
  to.Op(BuiltinOperator::SUM, {squares, AxesOf(to, node)}, sum, KeepDims(node.Int("keepdims", 1) != 0));
  to.Op(BuiltinOperator::SQRT, {sum}, to.Out(node));
}

void Softmax(Lowering& to, const Node& node) {
  tflite::SoftmaxOptionsT options;
  options.beta = 1;
  to.Op(BuiltinOperator::SOFTMAX, {to.In(node, 0)}, to.Out(node), Options(std::move(options)));
}

// (x - mean) / sqrt(variance + epsilon) * scale + shift, over the axes from `axis` on.
void LayerNormalization(Lowering& to, const Node& node) {
  const Value &x = *node.input(0), &y = *node.output(0);
  if (!x.shape) throw Refusal{"the rank of its input is not known", kFixShapes};
  if (node.outputs().size() > 1) throw Refusal{"only its first output is converted"};
  const auto rank = static_cast<int64_t>(x.shape->size());
  int64_t axis = node.Int("axis", -1);
  if (axis < 0) axis += rank;
  std::vector<int32_t> places, all = Lowering::Lies(x), few = all;
  for (; axis < rank; ++axis) places.push_back(static_cast<int32_t>(graph::PhysicalAxis(x, axis)));
  std::sort(places.begin(), places.end());
  for (const int32_t place : places) few[static_cast<size_t>(place)] = 1;
  const Index axes = to.program().AddInts(places), input = to.In(node, 0);
  const TensorType type = TypeOf(x.type);
  const auto step = [&](BuiltinOperator code, std::vector<Index> inputs, const std::vector<int32_t>& extents,
                        BuiltinOptionsUnion options) {
    const Index result = to.Temporary(node, type, extents);
    to.Op(code, std::move(inputs), result, std::move(options));
    return result;
  };
  using B = BuiltinOperator;
  const Index mean = step(B::MEAN, {input, axes}, few, KeepDims(true));
  const Index centred = step(B::SUB, {input, mean}, all, Options(tflite::SubOptionsT{}));
  const Index squares = step(B::MUL, {centred, centred}, all, Options(tflite::MulOptionsT{}));
  const Index variance = step(B::MEAN, {squares, axes}, few, KeepDims(true));
  const Index raised = step(B::ADD, {variance, to.program().AddFloat(node.Float("epsilon", 1e-5F))}, few,
                            Options(tflite::AddOptionsT{}));
  const Index factor = step(B::RSQRT, {raised}, few, {});
  const Index normal = step(B::MUL, {centred, factor}, all, Options(tflite::MulOptionsT{}));
  if (!node.input(2)) {
    return to.Op(B::MUL, {normal, to.Operand(node, 1, y)}, to.Out(node), Options(tflite::MulOptionsT{}));
  }
  const Index scaled = step(B::MUL, {normal, to.Operand(node, 1, y)}, all, Options(tflite::MulOptionsT{}));
  to.Op(B::ADD, {scaled, to.Operand(node, 2, y)}, to.Out(node), Options(tflite::AddOptionsT{}));
}

using B = BuiltinOperator;
constexpr Rule kRules[] = {
    {"ReduceMean", LayoutRule::kReduce, Reduce<B::MEAN>},
    {"ReduceSum", LayoutRule::kReduce, Reduce<B::SUM>},
    {"ReduceMax", LayoutRule::kReduce, Reduce<B::REDUCE_MAX>},
    {"ReduceMin", LayoutRule::kReduce, Reduce<B::REDUCE_MIN>},
    {"ReduceProd", LayoutRule::kReduce, Reduce<B::REDUCE_PROD>},
    {"ReduceL2", LayoutRule::kReduce, ReduceL2},
    {"Softmax", LayoutRule::kLastAxis, Softmax},
    {"LayerNormalization", LayoutRule::kAny, LayerNormalization},
};

}  // namespace

std::span<const Rule> ReductionRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
