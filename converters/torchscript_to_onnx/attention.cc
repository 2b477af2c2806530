// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Attention, in the two fused forms in which PyTorch records it.
#include <cmath>

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

// softmax(q k' * scale + mask) v, for q, k, v of [.., length, width]; `keys` is k transposed already.
struct Attended {
  graph::Value *result, *weights;
};
Attended Attend(Emit& e, graph::Value* queries, graph::Value* keys, graph::Value* values, double scale,
                graph::Value* mask, at::ScalarType type) {
  graph::Value* scores = e.Op("MatMul", {e.Op("Mul", {queries, e.Scalar(scale, type)}), keys});
  if (mask) scores = e.Op("Add", {scores, mask});
  graph::Value* weights = e.Op("Softmax", {scores}, {{"axis", int64_t{-1}}});
  return {e.Op("MatMul", {weights, values}), weights};
}

graph::Value* Affine(Emit& e, graph::Value* x, const at::Tensor& weight, const at::Tensor& bias) {
  return e.Op("Add", {e.Op("MatMul", {x, e.Constant(weight.t())}), e.Constant(bias)});
}

// The path that nn.MultiheadAttention takes in evaluation mode without gradients: (query, key, value, embed_dim, heads,
// qkv_weight, qkv_bias, proj_weight, proj_bias, mask, need_weights, average_weights, mask_type), batch first.
void NativeMultiHeadAttention(Emit& e) {
  if (!e.IsNone(9)) throw Unsupported("a mask");
  for (const size_t weight : {5, 6, 7, 8}) {
    if (!e.IsConstant(weight)) throw Unsupported("weights that are computed");
  }
  const int64_t width = e.Int(3), heads = e.Int(4), each = width / heads;
  const at::ScalarType type = e.Type(0);
  const at::Tensor weight = e.In(5).tensor(), bias = e.In(6).tensor();
  graph::Value *query = e.Value(0), *key = e.Value(1), *value = e.Value(2);
  graph::Value *q = nullptr, *k = nullptr, *v = nullptr;
  if (query == key && key == value) {
    // [N, L, 3E] as [N, L, 3, heads, each], the three first.
    graph::Value* packed = e.Reshape(Affine(e, query, weight, bias), {0, 0, 3, heads, each});
    const auto parts = e.Split(e.Transpose(packed, {2, 0, 3, 1, 4}), 0, {1, 1, 1});
    q = e.Squeeze(parts[0], {0});
    k = e.Transpose(e.Squeeze(parts[1], {0}), {0, 1, 3, 2});
    v = e.Squeeze(parts[2], {0});
  } else {
    const auto project = [&](graph::Value* x, int64_t part, std::vector<int64_t> order) {
      graph::Value* y = Affine(e, x, weight.narrow(0, part * width, width), bias.narrow(0, part * width, width));
      return e.Transpose(e.Reshape(y, {0, 0, heads, each}), std::move(order));
    };
    q = project(query, 0, {0, 2, 1, 3});
    k = project(key, 1, {0, 2, 3, 1});
    v = project(value, 2, {0, 2, 1, 3});
  }
  const Attended attended = Attend(e, q, k, v, 1 / std::sqrt(static_cast<double>(each)), nullptr, type);
  graph::Value* joined = e.Reshape(e.Transpose(attended.result, {0, 2, 1, 3}), {0, 0, width});
  e.Set(Affine(e, joined, e.In(7).tensor(), e.In(8).tensor()), 0);
  if (e.Results().size() < 2) return;
  const bool average = e.Arguments() <= 11 || e.Bool(11);
  e.Set(average ? e.Reduce("ReduceMean", attended.weights, {1}, false) : attended.weights, 1);
}

// (query, key, value, mask, dropout, is_causal, scale, enable_gqa)
void ScaledDotProductAttention(Emit& e) {
  if (e.Arguments() > 5 && e.Bool(5)) throw Unsupported("a causal mask");
  if (e.Arguments() > 7 && e.Bool(7)) throw Unsupported("grouped queries");
  const int64_t rank = e.Rank(0);
  const at::ScalarType type = e.Type(0);
  std::vector<int64_t> order(static_cast<size_t>(rank));
  for (int64_t axis = 0; axis < rank; ++axis) order[static_cast<size_t>(axis)] = axis;
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  graph::Value* mask = nullptr;
  if (!e.IsNone(3)) {
    mask = e.Value(3);
    // A truth value says what takes part.
    if (e.Type(3) == at::kBool) mask = e.Op("Where", {mask, e.Scalar(0, type), e.Scalar(-INFINITY, type)});
  }
  const double scale = e.IsNone(6) ? 1 / std::sqrt(static_cast<double>(e.Sizes(0).back())) : e.Real(6);
  e.Set(Attend(e, e.Value(0), e.Transpose(e.Value(1), order), e.Value(2), scale, mask, type).result);
}

constexpr OperatorRow kRows[] = {
    {"aten::_native_multi_head_attention", NativeMultiHeadAttention},
    {"aten::scaled_dot_product_attention", ScaledDotProductAttention},
};

}  // namespace

std::span<const OperatorRow> AttentionOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
