// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: a batch norm behind a convolution becomes part of the convolution's weights and bias.
#include <cmath>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace bakeoff::graph {
namespace {

// Float constants that nobody can replace, of the given length.
const Tensor* Numbers(const Value* value, int64_t length) {
  const Tensor* tensor = value && !value->IsInput() ? value->constant() : nullptr;
  const bool fits = tensor && tensor->type == ElementType::kF32 && tensor->dims == std::vector<int64_t>{length};
  return fits ? tensor : nullptr;
}

bool FoldInto(Graph& graph, Node& norm) {
  Value* x = norm.input(0);
  Node* conv = x ? x->producer() : nullptr;
  if (!conv || !conv->Is("Conv") || x->uses().size() != 1 || x->IsOutput()) return false;
  if (norm.Int("training_mode", 0) != 0 || norm.outputs().size() != 1) return false;
  const Value* weight_value = conv->input(1);
  const Tensor* weight = weight_value && !weight_value->IsInput() ? weight_value->constant() : nullptr;
  if (!weight || weight->type != ElementType::kF32 || weight->dims.empty() || weight->dims[0] == 0) return false;
  const int64_t channels = weight->dims[0];
  const Tensor *scale = Numbers(norm.input(1), channels), *shift = Numbers(norm.input(2), channels);
  const Tensor *mean = Numbers(norm.input(3), channels), *variance = Numbers(norm.input(4), channels);
  const Tensor* bias = Numbers(conv->input(2), channels);
  if (!scale || !shift || !mean || !variance || (conv->input(2) && !bias)) return false;

  // y = scale * (W x + b - mean) / sqrt(variance + epsilon) + shift
  const double epsilon = norm.Float("epsilon", 1e-5F);
  std::vector<float> weights(weight->Floats().begin(), weight->Floats().end()), biases;
  const size_t per_channel = weights.size() / static_cast<size_t>(channels);
  for (size_t channel = 0; channel < static_cast<size_t>(channels); ++channel) {
    const double factor = scale->Floats()[channel] / std::sqrt(variance->Floats()[channel] + epsilon);
    for (size_t i = 0; i < per_channel; ++i) {
      float& value = weights[channel * per_channel + i];
      value = static_cast<float>(value * factor);
    }
    const double before = bias ? bias->Floats()[channel] : 0.0;
    biases.push_back(static_cast<float>((before - mean->Floats()[channel]) * factor + shift->Floats()[channel]));
  }
  // New constants: the old ones may have other users. Those without any are dead code.
  Value& folded = graph.AddConstant(graph.UniqueName(weight_value->name() + ".folded"),
                                    Tensor::F32(weight->dims, std::move(weights)));
  Value& offset =
      graph.AddConstant(graph.UniqueName(norm.output(0)->name() + ".bias"), Tensor::F32({channels}, std::move(biases)));
  graph.SetInput(*conv, 1, &folded);
  graph.SetInput(*conv, 2, &offset);
  return true;
}

bool Fold(Graph& graph, Node& node) {
  if (!node.Is("BatchNormalization") || !node.output(0) || !FoldInto(graph, node)) return false;
  // The convolution's result has this one use and is no output, so it can always take the norm's place.
  Value& convolved = *node.input(0);
  graph.Replace(*node.output(0), convolved);
  graph.RemoveNode(node);
  return true;
}

}  // namespace

bool FoldBatchNorms(Model& model) {
  return RewriteNodes(model.graph, Fold);
}

}  // namespace bakeoff::graph
