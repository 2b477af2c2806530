// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Parts of tensors: slices, rows, look-ups.
#include <limits>

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

// A bound of a slice as a vector of one.
graph::Value* Bound(Emit& e, size_t index, int64_t missing) {
  if (e.IsNone(index)) return e.I64({missing});
  if (e.IsConstant(index)) return e.I64({e.Int(index)});
  return e.Reshape(e.As(index, at::kLong), {1});
}

// (self, dim, start, end, step)
void Slice(Emit& e) {
  const int64_t axis = e.Axis(1, e.Rank(0));
  const int64_t step = e.IsNone(4) ? 1 : e.Int(4);
  const bool from_start = e.IsNone(2) || (e.IsConstant(2) && e.Int(2) == 0);
  const bool to_end = e.IsNone(3) || (e.IsConstant(3) && e.Int(3) == kEnd);
  if (from_start && to_end && step == 1) return e.Set(e.Value(0));
  e.Set(e.Op("Slice", {e.Value(0), Bound(e, 2, 0), Bound(e, 3, kEnd), e.I64({axis}), e.I64({step})}));
}

// (self, dim, start, length)
void Narrow(Emit& e) {
  const int64_t start = e.Int(2);
  e.Set(e.Slice(e.Value(0), e.Axis(1, e.Rank(0)), start, start + e.Int(3)));
}

// (self, dim, index)
void Select(Emit& e) {
  const int64_t axis = e.Axis(1, e.Rank(0));
  graph::Value* index = e.IsConstant(2) ? e.Scalar(static_cast<double>(e.Int(2)), at::kLong) : e.As(2, at::kLong);
  e.Set(e.Op("Gather", {e.Value(0), index}, {{"axis", axis}}));
}

// (self, indices): one tensor of whole numbers among any number of ":".
void Index(Emit& e) {
  std::vector<Item> indices = e.List(1);
  Item* only = nullptr;
  int64_t axis = 0;
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i].seen[0].isNone()) continue;
    if (only) throw Unsupported("several tensors as indices");
    only = &indices[i];
    axis = static_cast<int64_t>(i);
  }
  if (!only) return e.Set(e.Value(0));
  if (Emit::TypeOf(*only) == at::kBool) throw Unsupported("a mask as index: the size of the result is not known");
  e.Set(e.Op("Gather", {e.Value(0), e.As(*only, at::kLong)}, {{"axis", axis}}));
}

void IndexSelect(Emit& e) {
  e.Set(e.Op("Gather", {e.Value(0), e.As(2, at::kLong)}, {{"axis", e.Axis(1, e.Rank(0))}}));
}

// (self, dim, index, sparse_grad)
void Gather(Emit& e) {
  e.Set(e.Op("GatherElements", {e.Value(0), e.As(2, at::kLong)}, {{"axis", e.Axis(1, e.Rank(0))}}));
}

// (weight, indices, ...)
void Embedding(Emit& e) {
  e.Set(e.Op("Gather", {e.Value(0), e.As(1, at::kLong)}, {{"axis", int64_t{0}}}));
}

constexpr OperatorRow kRows[] = {
    {"aten::slice", Slice},
    {"aten::narrow", Narrow},
    {"aten::select", Select},
    {"aten::index", Index},
    {"aten::index_select", IndexSelect},
    {"aten::gather", Gather},
    {"aten::embedding", Embedding},
};

}  // namespace

std::span<const OperatorRow> IndexingOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
