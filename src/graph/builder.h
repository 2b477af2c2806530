// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Writes a graph from the front to the back: each call adds one node and gives its result.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/model.h"

namespace bakeoff::graph {

// Names values after the nodes that make them. The graph must outlive the builder.
class Builder {
 public:
  explicit Builder(Graph& graph) : graph_(graph) {}

  Value* Input(std::string name, ElementType type, SymbolicShape shape) {
    return &graph_.AddInput(std::move(name), type, std::move(shape));
  }
  Value* Constant(std::string name, Tensor tensor) { return &graph_.AddConstant(std::move(name), std::move(tensor)); }
  // One node with one result. An empty name becomes the operator's, with a number.
  Value* Op(std::string op, std::vector<Value*> inputs, Attributes attributes = {}, std::string name = {}) {
    if (name.empty()) name = graph_.UniqueName(op);
    Value& result = graph_.AddValue(graph_.UniqueName(name));
    Node& node = graph_.AddNode(std::move(op), std::move(inputs), {&result}, std::move(name));
    node.attributes = std::move(attributes);
    return &result;
  }
  // The value leaves the graph under this name.
  void Output(Value* value, std::string name) {
    graph_.Rename(*value, std::move(name));
    graph_.AddOutput(*value);
  }
  Graph& graph() { return graph_; }

 private:
  Graph& graph_;
};

}  // namespace bakeoff::graph
