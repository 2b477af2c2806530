// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Sums, means and extremes along axes.
#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

constexpr char kMean[] = "ReduceMean", kSum[] = "ReduceSum", kMax[] = "ReduceMax", kMin[] = "ReduceMin";

// (self, dim, keepdim, dtype), or (self, dtype) for all axes.
template <const char* kOp>
void Reduce(Emit& e) {
  graph::Value* x = e.As(0, e.ResultType());
  const bool everything = e.Arguments() < 3;
  const bool all = everything || e.In(1).seen[0].isNone();
  const std::vector<int64_t> axes = all ? Emit::AllAxes(e.Rank(0)) : e.Axes(1, e.Rank(0));
  e.Set(e.Reduce(kOp, x, axes, !everything && e.Bool(2)));
}

// amax, amin: (self, dim, keepdim)
template <const char* kOp>
void Extreme(Emit& e) {
  e.Set(e.Reduce(kOp, e.Value(0), e.Axes(1, e.Rank(0)), e.Bool(2)));
}

// max, min: of everything; of one axis, with indices: (self, dim, keepdim); of two tensors.
template <const char* kOp, bool kLargest>
void MaxMin(Emit& e) {
  if (e.Arguments() == 1) return e.Set(e.Reduce(kOp, e.Value(0), Emit::AllAxes(e.Rank(0)), false));
  if (e.Arguments() == 2) {
    const at::ScalarType type = e.ResultType();
    return e.Set(e.Op(kLargest ? "Max" : "Min", {e.As(0, type), e.As(1, type)}));
  }
  const int64_t axis = e.Axis(1, e.Rank(0));
  const auto keep = static_cast<int64_t>(e.Bool(2));
  e.Set(e.Reduce(kOp, e.Value(0), {axis}, keep != 0), 0);
  e.Set(e.Op(kLargest ? "ArgMax" : "ArgMin", {e.Value(0)}, {{"axis", axis}, {"keepdims", keep}}), 1);
}

// (self, dim, keepdim)
template <bool kLargest>
void Arg(Emit& e) {
  if (e.IsNone(1)) throw Unsupported("the place in the flattened tensor");
  e.Set(e.Op(kLargest ? "ArgMax" : "ArgMin", {e.Value(0)},
             {{"axis", e.Axis(1, e.Rank(0))}, {"keepdims", static_cast<int64_t>(e.Bool(2))}}));
}

void CumSum(Emit& e) {
  graph::Value* axis = e.Scalar(static_cast<double>(e.Axis(1, e.Rank(0))), at::kLong);
  e.Set(e.Op("CumSum", {e.As(0, e.ResultType()), axis}));
}

constexpr OperatorRow kRows[] = {
    {"aten::mean", Reduce<kMean>}, {"aten::sum", Reduce<kSum>},       {"aten::amax", Extreme<kMax>},
    {"aten::amin", Extreme<kMin>}, {"aten::max", MaxMin<kMax, true>}, {"aten::min", MaxMin<kMin, false>},
    {"aten::argmax", Arg<true>},   {"aten::argmin", Arg<false>},      {"aten::cumsum", CumSum},
};

}  // namespace

std::span<const OperatorRow> ReductionOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
