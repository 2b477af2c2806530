// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Matrix products.
#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

// Gemm on two dimensions, which runtimes know best; MatMul with a transposed weight on more.
void Linear(Emit& e) {
  const bool bias = !e.IsNone(2);
  if (e.Rank(0) == 2) {
    std::vector<graph::Value*> inputs{e.Value(0), e.Value(1)};
    if (bias) inputs.push_back(e.Value(2));
    return e.Set(e.Op("Gemm", std::move(inputs), {{"transB", int64_t{1}}}));
  }
  graph::Value* weight = e.IsConstant(1) ? e.Constant(e.In(1).tensor().t()) : e.Transpose(e.Value(1), {1, 0});
  graph::Value* y = e.Op("MatMul", {e.Value(0), weight});
  e.Set(bias ? e.Op("Add", {y, e.Value(2)}) : y);
}

void MatMul(Emit& e) {
  e.Set(e.Op("MatMul", {e.Value(0), e.Value(1)}));
}

// beta * self + alpha * (a b)
void Addmm(Emit& e) {
  const auto factor = [&](size_t index) { return index < e.Arguments() ? static_cast<float>(e.Real(index)) : 1.0F; };
  if (e.Rank(1) == 2) {
    return e.Set(e.Op("Gemm", {e.Value(1), e.Value(2), e.Value(0)}, {{"beta", factor(3)}, {"alpha", factor(4)}}));
  }
  if (factor(3) != 1 || factor(4) != 1) throw Unsupported("factors other than 1");
  e.Set(e.Op("Add", {e.Op("MatMul", {e.Value(1), e.Value(2)}), e.Value(0)}));
}

void Einsum(Emit& e) {
  std::vector<graph::Value*> inputs;
  for (Item part : e.List(1)) inputs.push_back(e.Value(part));
  e.Set(e.Op("Einsum", std::move(inputs), {{"equation", e.Text(0)}}));
}

constexpr OperatorRow kRows[] = {
    {"aten::linear", Linear}, {"aten::matmul", MatMul}, {"aten::mm", MatMul},     {"aten::bmm", MatMul},
    {"aten::addmm", Addmm},   {"aten::baddbmm", Addmm}, {"aten::einsum", Einsum},
};

}  // namespace

std::span<const OperatorRow> DenseOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
