// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Gives a random network the statistics of a real one. Random weights alone make outputs that hardly depend on the
// input: each ReLU keeps the mean and shrinks the differences. Centring and scaling on what a seeded batch shows undoes
// that.
#include <algorithm>
#include <cmath>
#include <span>
#include <unordered_map>

#include "bakeoff/error.h"
#include "graph/evaluate/evaluate.h"
#include "graph/models/layers.h"

namespace bakeoff::graph {
namespace {

using Known = std::unordered_map<const Value*, Tensor>;

Tensor SeededInput(const Value& input, uint64_t seed, int64_t rows) {
  Random random(seed, "calibration." + input.name());
  std::vector<int64_t> dims{rows};
  size_t count = static_cast<size_t>(rows);
  if (!input.shape) throw Error(ErrorCode::kInternal, input.name() + ": an input to calibrate with must have a shape");
  const SymbolicShape& shape = *input.shape;
  for (size_t axis = 1; axis < shape.size(); ++axis) {
    const auto extent = shape[axis].Value();
    if (!extent)
      throw Error(ErrorCode::kInternal, input.name() + ": only its first axis may be free to calibrate with");
    dims.push_back(*extent);
    count *= static_cast<size_t>(dims.back());
  }
  if (input.type == ElementType::kI64) {
    std::vector<int64_t> ids(count);
    for (int64_t& id : ids) id = static_cast<int64_t>(random.Next() % 100);
    return Tensor::I64(std::move(dims), std::move(ids));
  }
  // Half of the rows like pixels, half like standardised numbers: what models are commonly fed.
  const auto half = count / 2;
  std::vector<float> values = random.Uniforms(half, 0, 1), others = random.Normals(count - half, 1);
  values.insert(values.end(), others.begin(), others.end());
  return Tensor::F32(std::move(dims), std::move(values));
}

void SetNormStatistics(Graph& graph, const Node& node, const Tensor& x) {
  const auto channels = static_cast<size_t>(x.dims[1]), planes = static_cast<size_t>(x.dims[0]) * channels;
  const auto values = x.Floats();
  const size_t area = values.size() / planes;
  std::vector<double> sum(channels), squares(channels);
  for (size_t plane = 0; plane < planes; ++plane) {
    for (const float value : values.subspan(plane * area, area)) {
      sum[plane % channels] += value;
      squares[plane % channels] += static_cast<double>(value) * value;
    }
  }
  std::vector<float> mean(channels), variance(channels);
  const size_t rows = values.size() / channels;
  const auto count = static_cast<double>(rows);
  for (size_t i = 0; i < channels; ++i) {
    mean[i] = static_cast<float>(sum[i] / count);
    // The floor keeps a dead channel from being blown up.
    variance[i] = static_cast<float>(std::max(squares[i] / count - sum[i] / count * (sum[i] / count), 1e-3));
  }
  const auto extent = static_cast<int64_t>(channels);
  graph.SetConstant(*node.input(3), Tensor::F32({extent}, std::move(mean)));
  graph.SetConstant(*node.input(4), Tensor::F32({extent}, std::move(variance)));
}

// The mean of some rows of a matrix.
std::vector<double> MeanRow(std::span<const float> values, size_t columns) {
  std::vector<double> mean(columns);
  for (size_t i = 0; i < values.size(); ++i) mean[i % columns] += values[i];
  const size_t rows = values.size() / columns;
  for (double& value : mean) value /= static_cast<double>(rows);
  return mean;
}

// Takes the direction between the two halves of the batch out of every row of the weights: the layer then sees
// differences within each kind of input, which the difference between the kinds would otherwise cover.
void Blind(std::vector<double>& weight, std::span<const float> x, size_t columns) {
  const size_t half = x.size() / columns / 2 * columns;
  const auto first = MeanRow(x.first(half), columns), second = MeanRow(x.subspan(half), columns);
  double length = 1e-12;
  for (size_t i = 0; i < columns; ++i) length += (first[i] - second[i]) * (first[i] - second[i]);
  for (size_t row = 0; row < weight.size(); row += columns) {
    double along = 0;
    for (size_t i = 0; i < columns; ++i) along += weight[row + i] * (first[i] - second[i]) / length;
    for (size_t i = 0; i < columns; ++i) weight[row + i] -= along * (first[i] - second[i]);
  }
}

// y = W x + b becomes y = s W' (x - mean) + b, with s such that y has a standard deviation of 1 over the batch.
void CentreGemm(Graph& graph, const Node& node, const Tensor& x) {
  const Tensor bias = *node.input(2)->constant(), original = *node.input(1)->constant();
  const auto in = static_cast<size_t>(x.dims[1]), rows = static_cast<size_t>(x.dims[0]),
             out = static_cast<size_t>(original.dims[0]);
  std::vector<double> weight(original.Floats().begin(), original.Floats().end());
  Blind(weight, x.Floats(), in);
  const auto mean = MeanRow(x.Floats(), in);
  double squares = 0;
  std::vector<double> middle(out);
  for (size_t j = 0; j < out; ++j) {
    const auto line = std::span(weight).subspan(j * in, in);
    for (size_t i = 0; i < in; ++i) middle[j] += line[i] * mean[i];
    for (size_t row = 0; row < rows; ++row) {
      double y = -middle[j];
      for (size_t i = 0; i < in; ++i) y += line[i] * static_cast<double>(x.Floats()[row * in + i]);
      squares += y * y;
    }
  }
  const double scale = 1 / std::sqrt(squares / static_cast<double>(rows * out) + 1e-12);
  std::vector<float> scaled(weight.size()), shifted(out);
  for (size_t i = 0; i < weight.size(); ++i) scaled[i] = static_cast<float>(weight[i] * scale);
  for (size_t j = 0; j < out; ++j) shifted[j] = static_cast<float>(bias.Floats()[j] - scale * middle[j]);
  graph.SetConstant(*node.input(1), Tensor::F32(original.dims, std::move(scaled)));
  graph.SetConstant(*node.input(2), Tensor::F32(bias.dims, std::move(shifted)));
}

}  // namespace

void Calibrate(Graph& graph, uint64_t seed, int64_t rows) {
  Known known;
  for (const Value* input : graph.inputs()) known[input] = SeededInput(*input, seed, rows);
  std::unordered_map<const Value*, size_t> waiting;
  for (const Value& value : graph.values()) waiting[&value] = value.uses().size();
  for (const Node& node : graph.nodes()) {
    const auto first = known.find(node.input(0));
    if (node.Is("BatchNormalization")) SetNormStatistics(graph, node, first->second);
    if (node.Is("Gemm")) CentreGemm(graph, node, first->second);
    std::vector<const Tensor*> tensors;
    for (const Value* value : node.inputs())
      tensors.push_back(value->constant() ? value->constant() : &known.at(value));
    known[node.output(0)] = std::move(Evaluate(node, tensors).front());
    for (const Value* value : node.inputs()) {
      if (--waiting[value] == 0) known.erase(value);
    }
  }
}

}  // namespace bakeoff::graph
