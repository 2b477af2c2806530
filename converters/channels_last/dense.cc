// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Matrix products: by a constant matrix FULLY_CONNECTED, else BATCH_MATMUL.
#include <fmt/format.h>

#include <algorithm>

#include "converters/channels_last/lowering.h"

namespace bakeoff::channels_last {
namespace {

using graph::LayoutRule;
using graph::Tensor;

std::vector<float> Scaled(const std::vector<double>& values, double factor, size_t count) {
  std::vector<float> result;
  for (size_t i = 0; i < count; ++i) result.push_back(static_cast<float>(values[values.size() == 1 ? 0 : i] * factor));
  return result;
}

// x (.., K) by a constant W of K x M, or of M x K where `transposed`.
void FullyConnected(Lowering& to, const Node& node, const Value& weights, bool transposed, Index bias) {
  const Tensor& tensor = *Constant(&weights);
  const Index matrix = transposed ? to.program().AddConstant(weights.name(), tensor, tensor.dims, {}, true)
                                  : to.program().AddConstant(weights.name(), tensor, tensor.dims, {1, 0}, true);
  tflite::FullyConnectedOptionsT options;
  options.keep_num_dims = node.input(0)->shape && node.input(0)->shape->size() > 2;
  const int version = options.keep_num_dims ? 5 : 1;
  to.Op(BuiltinOperator::FULLY_CONNECTED, {to.In(node, 0), matrix, bias}, to.Out(node), Options(std::move(options)),
        version);
}

Index ZeroBias(Lowering& to, const Node& node, int64_t count) {
  return to.program().AddConstant(node.output(0)->name() + ".bias",
                                  Tensor::F32({count}, std::vector<float>(static_cast<size_t>(count))));
}

void Gemm(Lowering& to, const Node& node) {
  const double alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
  const Tensor* b = Constant(node.input(1));
  if (!b || b->dims.size() != 2) throw Refusal{"its second matrix must be a constant"};
  if (node.Int("transA", 0) != 0) throw Refusal{"its first matrix must not be transposed"};
  const bool transposed = node.Int("transB", 0) != 0;
  const int64_t outputs = b->dims[transposed ? 0 : 1];
  Index bias = kAbsent;
  if (!node.input(2)) {
    bias = ZeroBias(to, node, outputs);
  } else {
    const Tensor* c = Constant(node.input(2));
    const bool row = c && (c->Count() == 1 || (c->Count() == outputs && !c->dims.empty() && c->dims.back() == outputs));
    if (!row) throw Refusal{"its third input must be a constant, one number per column"};
    // As it is where it can be: then it is not copied.
    bias = beta == 1 && c->Count() == outputs
               ? to.program().AddConstant(node.input(2)->name(), *c, {outputs}, {}, true)
               : to.program().AddConstant(node.output(0)->name() + ".bias",
                                          Tensor::F32({outputs}, Scaled(Reals(node.input(2), "third input"), beta,
                                                                        static_cast<size_t>(outputs))));
  }
  if (alpha != 1) {
    const auto values = Reals(node.input(1), "second matrix");
    const Tensor scaled = Tensor::F32(b->dims, Scaled(values, alpha, values.size()));
    const Index matrix = to.program().AddConstant(node.output(0)->name() + ".matrix", scaled, scaled.dims,
                                                  transposed ? std::vector<int>{} : std::vector<int>{1, 0}, true);
    return to.Op(BuiltinOperator::FULLY_CONNECTED, {to.In(node, 0), matrix, bias}, to.Out(node),
                 Options(tflite::FullyConnectedOptionsT{}));
  }
  FullyConnected(to, node, *node.input(1), transposed, bias);
}

// An Add of one number per column behind the product, if nobody else uses the product.
const Node* BiasBehind(const Node& node, int64_t outputs) {
  const Value& y = *node.output(0);
  if (y.IsOutput() || y.uses().size() != 1) return nullptr;
  const Node& add = *y.uses()[0].node;
  if (!add.Is("Add")) return nullptr;
  const Tensor* bias = Constant(add.input(1 - y.uses()[0].index));
  const bool fits = bias && bias->Count() == outputs && !bias->dims.empty() && bias->dims.back() == outputs &&
                    bias->type == graph::ElementType::kF32 && y.shape && bias->dims.size() <= y.shape->size() &&
                    add.output(0)->permutation == y.permutation;
  return fits ? &add : nullptr;
}

bool IsExchanged(const Value& value) {
  const auto& order = value.permutation;
  return order.size() >= 2 && order.back() == static_cast<int>(order.size()) - 2;
}

void MatMul(Lowering& to, const Node& node) {
  const Tensor* matrix = Constant(node.input(1));
  if (matrix && matrix->dims.size() == 2) {
    const int64_t outputs = matrix->dims[1];
    if (const Node* add = BiasBehind(node, outputs)) {
      const Value& bias = *add->input(1 - node.output(0)->uses()[0].index);
      const Index row = to.program().AddConstant(bias.name(), *Constant(&bias), {outputs}, {}, true);
      FullyConnected(to, node, *node.input(1), false, row);
      to.Absorb(*add);
      return to.Alias(*add, to.program().LastOutput());
    }
    return FullyConnected(to, node, *node.input(1), false, ZeroBias(to, node, outputs));
  }
  tflite::BatchMatMulOptionsT options;
  options.adj_x = IsExchanged(*node.input(0));
  options.adj_y = IsExchanged(*node.input(1));
  const auto rank = [&](size_t i) { return node.input(i)->shape ? node.input(i)->shape->size() : 0; };
  if (rank(0) < 2 || rank(1) < 2) throw Refusal{"products of vectors are not converted"};
  to.Op(BuiltinOperator::BATCH_MATMUL, {to.In(node, 0), to.In(node, 1)}, to.Out(node), Options(std::move(options)));
}

constexpr Rule kRules[] = {{"Gemm", LayoutRule::kLogical, Gemm}, {"MatMul", LayoutRule::kMatMul, MatMul}};

}  // namespace

std::span<const Rule> DenseRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
