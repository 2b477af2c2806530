// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Normalisations.
#include <ATen/Functions.h>

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

// The given tensor, or `fill` in its place.
graph::Value* Or(Emit& e, size_t index, std::vector<int64_t> shape, double fill) {
  return e.IsNone(index) ? e.Constant(at::full(shape, fill, at::TensorOptions(e.Type(0)))) : e.Value(index);
}

// (input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn)
void BatchNorm(Emit& e) {
  if (e.Bool(5) || e.IsNone(3) || e.IsNone(4)) throw Unsupported("statistics of the batch itself (training mode)");
  const std::vector<int64_t> channels = e.Sizes(3);
  graph::Value* x = e.Value(0);
  e.Set(e.Op("BatchNormalization", {x, Or(e, 1, channels, 1), Or(e, 2, channels, 0), e.Value(3), e.Value(4)},
             {{"epsilon", static_cast<float>(e.Real(7))}}));
}

// (input, normalized_shape, weight, bias, eps, cudnn)
void LayerNorm(Emit& e) {
  const std::vector<int64_t> shape = e.Ints(1);
  const auto axes = static_cast<int64_t>(shape.size());
  const double epsilon = e.Real(4);
  const at::ScalarType type = e.Type(0);
  if (e.opset() >= 17) {
    std::vector<graph::Value*> inputs{e.Value(0), Or(e, 2, shape, 1)};
    if (!e.IsNone(3)) inputs.push_back(e.Value(3));
    return e.Set(
        e.Op("LayerNormalization", std::move(inputs), {{"axis", -axes}, {"epsilon", static_cast<float>(epsilon)}}));
  }
  std::vector<int64_t> over;
  for (int64_t axis = -axes; axis < 0; ++axis) over.push_back(axis);
  graph::Value* x = e.Value(0);
  graph::Value* centred = e.Op("Sub", {x, e.Reduce("ReduceMean", x, over, true)});
  graph::Value* variance = e.Reduce("ReduceMean", e.Op("Mul", {centred, centred}), over, true);
  graph::Value* y = e.Op("Div", {centred, e.Op("Sqrt", {e.Op("Add", {variance, e.Scalar(epsilon, type)})})});
  if (!e.IsNone(2)) y = e.Op("Mul", {y, e.Value(2)});
  e.Set(e.IsNone(3) ? y : e.Op("Add", {y, e.Value(3)}));
}

// [C] as [C, 1, 1] for a tensor of rank 4.
graph::Value* PerChannel(Emit& e, size_t index, int64_t rank) {
  std::vector<int64_t> shape(static_cast<size_t>(rank) - 1, 1);
  shape[0] = e.In(index).tensor().numel();
  return e.IsConstant(index) ? e.Constant(e.In(index).tensor().reshape(shape)) : e.Reshape(e.Value(index), shape);
}

// (input, groups, weight, bias, eps, cudnn): every group as one channel, normalised over all the rest.
void GroupNorm(Emit& e) {
  const int64_t groups = e.Int(1), rank = e.Rank(0);
  graph::Value* x = e.Value(0);
  const at::TensorOptions options(e.Type(0));
  graph::Value* y = e.Op("InstanceNormalization",
                         {e.Reshape(x, {0, groups, -1}), e.Constant(at::ones({groups}, options)),
                          e.Constant(at::zeros({groups}, options))},
                         {{"epsilon", static_cast<float>(e.Real(4))}});
  y = e.Op("Reshape", {y, e.Op("Shape", {x})});
  if (!e.IsNone(2)) y = e.Op("Mul", {y, PerChannel(e, 2, rank)});
  e.Set(e.IsNone(3) ? y : e.Op("Add", {y, PerChannel(e, 3, rank)}));
}

// (input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn)
void InstanceNorm(Emit& e) {
  if (!e.Bool(5)) throw Unsupported("running statistics");
  const std::vector<int64_t> channels{e.Sizes(0)[1]};
  e.Set(e.Op("InstanceNormalization", {e.Value(0), Or(e, 1, channels, 1), Or(e, 2, channels, 0)},
             {{"epsilon", static_cast<float>(e.Real(7))}}));
}

// (self, ord, dim, keepdim, dtype)
void VectorNorm(Emit& e) {
  const double order = e.Real(1);
  const char* op = order == 2 ? "ReduceL2" : order == 1 ? "ReduceL1" : nullptr;
  if (!op) throw Unsupported("a norm that is neither the first nor the second");
  e.Set(e.Reduce(op, e.As(0, e.ResultType()), e.Axes(2, e.Rank(0)), e.Bool(3)));
}

constexpr OperatorRow kRows[] = {
    {"aten::batch_norm", BatchNorm},       {"aten::layer_norm", LayerNorm},          {"aten::group_norm", GroupNorm},
    {"aten::instance_norm", InstanceNorm}, {"aten::linalg_vector_norm", VectorNorm},
};

}  // namespace

std::span<const OperatorRow> NormOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
