// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The new axis stands before the last one, in values, weights and attributes alike.
#include "converters/channels_last/add_height.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace bakeoff::channels_last {
namespace {

using graph::Node;
using graph::Value;

constexpr std::array<std::string_view, 6> kOperators{"Conv",        "ConvTranspose",     "MaxPool",
                                                     "AveragePool", "GlobalAveragePool", "GlobalMaxPool"};

graph::SymbolicShape Raised(const graph::SymbolicShape& shape) {
  graph::SymbolicShape raised = shape;
  raised.insert(raised.end() - 1, graph::Dim(1));
  return raised;
}

// A filter of outputs x inputs x width, if it is a constant.
const graph::Tensor* Filter(const Node& node) {
  const Value* weights = node.Is("Conv") || node.Is("ConvTranspose") ? node.input(1) : nullptr;
  const graph::Tensor* tensor = weights && !weights->IsInput() ? weights->constant() : nullptr;
  return tensor && tensor->dims.size() == 3 ? tensor : nullptr;
}

bool IsOverOneAxis(const Node& node) {
  if (!node.domain.empty() || std::ranges::find(kOperators, node.op) == kOperators.end()) return false;
  const Value *x = node.input(0), *y = node.output(0);
  const bool flat = x && x->shape && x->shape->size() == 3 && y && y->shape && y->shape->size() == 3;
  const bool pool = node.op.ends_with("Pool");
  return flat && node.outputs().size() == 1 && (pool || Filter(node));
}

// Of attributes that have one number per axis, `still` for the new one; pads have two.
void Raise(Node& node, const char* name, int64_t still) {
  const auto values = node.Ints(name);
  if (values.size() == 1) node.attributes[name] = std::vector<int64_t>{still, values[0]};
  if (values.size() == 2) node.attributes[name] = std::vector<int64_t>{still, values[0], still, values[1]};
}

void AddHeightTo(graph::Graph& graph, Node& node) {
  Value &x = *node.input(0), &y = *node.output(0);
  Value& axis = graph.AddConstant(graph.UniqueName(y.name() + ".height"), graph::Tensor::I64({1}, {2}));
  Value& wide = graph.AddValue(graph.UniqueName(x.name() + ".wide"), x.type, Raised(*x.shape));
  graph.AddNode("Unsqueeze", {&x, &axis}, {&wide}, {}, &node);
  graph.SetInput(node, 0, &wide);
  if (const graph::Tensor* filter = Filter(node)) {
    graph::Tensor raised = *filter;
    raised.dims.insert(raised.dims.end() - 1, 1);
    graph.SetInput(node, 1, &graph.AddConstant(graph.UniqueName(node.input(1)->name() + ".wide"), std::move(raised)));
  }
  for (const char* name : {"kernel_shape", "strides", "dilations"}) Raise(node, name, 1);
  for (const char* name : {"pads", "output_padding"}) Raise(node, name, 0);
  // The node keeps its output, which gets the new rank; whoever used it uses the squeezed one.
  Value& narrow = graph.AddValue(graph.UniqueName(y.name() + ".narrow"), y.type, y.shape);
  graph.Replace(y, narrow);
  y.shape = Raised(*y.shape);
  const auto next = std::next(std::ranges::find_if(graph.nodes(), [&](const Node& one) { return &one == &node; }));
  graph.AddNode("Squeeze", {&y, &axis}, {&narrow}, {}, next == graph.nodes().end() ? nullptr : &*next);
}

}  // namespace

size_t AddHeight(graph::Model& model) {
  std::vector<Node*> found;
  for (Node& node : model.graph.nodes()) {
    if (IsOverOneAxis(node)) found.push_back(&node);
  }
  for (Node* node : found) AddHeightTo(model.graph, *node);
  return found.size();
}

}  // namespace bakeoff::channels_last
