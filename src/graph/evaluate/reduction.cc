// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: reductions and Softmax.
#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/evaluate/kernel.h"
#include "graph/evaluate/numbers.h"

namespace bakeoff::graph {
namespace {

struct Reduction {
  double start;
  double (*step)(double, double);
  bool divide;
};

// Axes were an attribute until opset 17 and are an input since (ReduceSum: since 13); both are taken.
std::vector<bool> ReducedAxes(const Call& call, size_t rank) {
  std::vector<int64_t> axes = call.node.Ints("axes");
  if (call.Maybe(1)) axes = Wholes(call, *call.Maybe(1));
  std::vector<bool> reduced(rank, axes.empty() && call.node.Int("noop_with_empty_axes", 0) == 0);
  for (const int64_t axis : axes) reduced[call.Axis(axis, rank)] = true;
  return reduced;
}

Tensor Reduce(const Call& call, const Reduction& reduction) {
  const Tensor& x = call.In(0);
  const auto reduced = ReducedAxes(call, x.dims.size());
  const bool keep = call.node.Int("keepdims", 1) != 0;
  std::vector<int64_t> dims;
  std::vector<size_t> steps(x.dims.size(), 0);
  size_t stride = 1, merged = 1;
  for (size_t axis = x.dims.size(); axis-- > 0;) {
    const auto extent = static_cast<size_t>(x.dims[axis]);
    if (!reduced[axis]) {
      steps[axis] = stride;
      stride *= extent;
    } else {
      merged *= extent;
    }
  }
  for (size_t axis = 0; axis < x.dims.size(); ++axis) {
    if (!reduced[axis]) dims.push_back(x.dims[axis]);
    if (reduced[axis] && keep) dims.push_back(1);
  }
  const auto values = Reals(call, x);
  std::vector<double> result(CountOf(call, dims), reduction.start);
  std::vector<int64_t> at(x.dims.size(), 0);
  size_t here = 0;
  for (const double value : values) {
    result[here] = reduction.step(result[here], value);
    for (size_t axis = x.dims.size(); axis-- > 0;) {
      here += steps[axis];
      if (++at[axis] < x.dims[axis]) break;
      here -= steps[axis] * static_cast<size_t>(x.dims[axis]);
      at[axis] = 0;
    }
  }
  if (reduction.divide) {
    for (double& value : result) value /= static_cast<double>(merged);
  }
  if (IsReal(x.type)) return FromReals(x.type, dims, result);
  return FromWholes(x.type, dims, {result.begin(), result.end()});
}

Tensor Softmax(const Call& call) {
  const Tensor& x = call.In(0);
  const size_t axis = call.Axis(call.node.Int("axis", -1), x.dims.size());
  size_t inner = 1;
  for (size_t i = axis + 1; i < x.dims.size(); ++i) inner *= static_cast<size_t>(x.dims[i]);
  const auto extent = static_cast<size_t>(x.dims[axis]);
  auto values = Reals(call, x);
  for (size_t block = 0; block < values.size(); block += extent * inner) {
    for (size_t i = 0; i < inner; ++i) {
      double largest = -std::numeric_limits<double>::infinity(), sum = 0;
      for (size_t k = 0; k < extent; ++k) largest = std::max(largest, values[block + k * inner + i]);
      for (size_t k = 0; k < extent; ++k) sum += std::exp(values[block + k * inner + i] - largest);
      for (size_t k = 0; k < extent; ++k) {
        double& value = values[block + k * inner + i];
        value = std::exp(value - largest) / sum;
      }
    }
  }
  return FromReals(x.type, x.dims, values);
}

}  // namespace

std::optional<Results> EvaluateReduction(const Call& call) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static const std::map<std::string, Reduction, std::less<>> table{
      {"ReduceMean", {0, [](double a, double b) { return a + b; }, true}},
      {"ReduceSum", {0, [](double a, double b) { return a + b; }, false}},
      {"ReduceProd", {1, [](double a, double b) { return a * b; }, false}},
      {"ReduceMax", {-kInfinity, [](double a, double b) { return std::max(a, b); }, false}},
      {"ReduceMin", {kInfinity, [](double a, double b) { return std::min(a, b); }, false}},
  };
  if (call.node.op == "Softmax") return Results{Softmax(call)};
  const auto found = table.find(call.node.op);
  if (found == table.end()) return std::nullopt;
  return Results{Reduce(call, found->second)};
}

}  // namespace bakeoff::graph
