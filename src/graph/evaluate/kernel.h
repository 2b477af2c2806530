// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the evaluator's operator families share. Only for the files of this folder.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bakeoff/error.h"
#include "graph/graph.h"

namespace bakeoff::graph {

// One call of one operator.
struct Call {
  const Node& node;
  std::span<const Tensor* const> inputs;

  // Throws Error{kInvalidModel} where the input is absent.
  const Tensor& In(size_t index) const {
    if (index < inputs.size() && inputs[index]) return *inputs[index];
    Bad(fmt::format("input {} is missing", index));
  }
  const Tensor* Maybe(size_t index) const { return index < inputs.size() ? inputs[index] : nullptr; }
  // A non-negative axis below `rank`.
  size_t Axis(int64_t axis, size_t rank) const {
    const int64_t positive = axis < 0 ? axis + static_cast<int64_t>(rank) : axis;
    if (positive < 0 || positive >= static_cast<int64_t>(rank))
      Bad(fmt::format("axis {} of a tensor of rank {}", axis, rank));
    return static_cast<size_t>(positive);
  }
  void Need(bool condition, const char* what) const {
    if (!condition) Bad(what);
  }
  [[noreturn]] void Bad(const std::string& what) const {
    throw Error(ErrorCode::kInvalidModel, node.Describe() + ": " + what);
  }
  [[noreturn]] void Unknown(const std::string& what) const {
    throw Error(ErrorCode::kUnsupported, node.Describe() + ": cannot be evaluated here: " + what);
  }
};

using Results = std::vector<Tensor>;

// Results never exceed this; shape constants in a damaged file could ask for anything.
inline constexpr int64_t kMaxEvaluatedBytes = int64_t{1} << 32;

// The product; throws Error{kUnsupported} above kMaxEvaluatedBytes.
size_t CountOf(const Call& call, const std::vector<int64_t>& dims);

// Families, each in a file of its own: nullopt for an operator that is not theirs.
std::optional<Results> EvaluateDense(const Call& call);        // Conv, Gemm, MatMul
std::optional<Results> EvaluatePooling(const Call& call);      // pools, normalisation
std::optional<Results> EvaluateElementwise(const Call& call);  // with broadcasting; Cast
std::optional<Results> EvaluateMovement(const Call& call);     // Reshape, Transpose, Concat, Gather, Slice, Shape ...
std::optional<Results> EvaluateParts(const Call& call);        // Split, Pad, Tile, Resize
std::optional<Results> EvaluateReduction(const Call& call);    // ReduceMean, ReduceProd ..., Softmax

}  // namespace bakeoff::graph
