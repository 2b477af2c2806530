// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The in-memory graph: what conversion reads, rewrites and writes. Its operators are those of ONNX.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/node.h"

namespace bakeoff::graph {

// Owns its nodes and values; their addresses are stable until they are removed. Not thread-safe.
class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  std::string name = "graph";
  std::string doc;

  // Nodes in their order of execution, if that was kept or Sort() was called.
  std::list<Node>& nodes() { return nodes_; }
  const std::list<Node>& nodes() const { return nodes_; }
  const std::list<Value>& values() const { return values_; }
  std::list<Value>& values() { return values_; }
  const std::vector<Value*>& inputs() const { return inputs_; }
  const std::vector<Value*>& outputs() const { return outputs_; }
  Value* Find(std::string_view value_name) const;  // null if there is none

  // Throw Error{kInvalidModel} for a name that exists; an empty name becomes a new unique one.
  Value& AddValue(std::string value_name, ElementType type = ElementType::kUndefined,
                  std::optional<SymbolicShape> shape = {});
  Value& AddInput(std::string value_name, ElementType type, std::optional<SymbolicShape> shape);
  Value& AddConstant(std::string value_name, Tensor tensor);
  void AddOutput(Value& value);
  // `outputs` must have no producer yet. Inserted before `before`, at the end if null.
  Node& AddNode(std::string op, std::vector<Value*> inputs, std::vector<Value*> outputs, std::string node_name = {},
                Node* before = nullptr);

  // A value gets (or loses) its constant. Throws Error{kInternal} for a value that a node makes.
  void SetConstant(Value& value, std::optional<Tensor> tensor);
  void SetInput(Node& node, size_t index, Value* value);  // grows the node's inputs; null leaves the input out
  void DropTrailingInputs(Node& node);                    // the null ones at the end
  // Every node that uses `old` uses `with` afterwards. Outputs of the graph stay as they are.
  void RedirectUses(Value& old, Value& with);
  // As RedirectUses(), and where `old` is an output of the graph, `with` takes its name and place. Returns false and
  // changes nothing where that is impossible, because `with` is an input, an output or a constant itself.
  bool Replace(Value& old, Value& with);
  void Rename(Value& value, std::string value_name);

  // With its outputs, which must be unused. Uses inside its subgraphs end too.
  void RemoveNode(Node& node);
  // Must have no producer and no uses and be no output.
  void RemoveValue(Value& value);

  std::string UniqueName(std::string_view prefix);

  // Puts nodes behind the nodes they depend on, else keeps their order. Throws Error{kInvalidModel} naming a cycle.
  void Sort();
  // Throws Error{kInvalidModel} or, for broken links between nodes and values, kInternal: used values that nobody
  // makes, wrong constants, permutations that are none, cycles. Subgraphs included.
  void Validate() const;

 private:
  void Unlink(Node& node);

  std::list<Node> nodes_;
  std::list<Value> values_;
  std::unordered_map<std::string, Value*> by_name_;
  std::vector<Value*> inputs_, outputs_;
  uint64_t next_name_ = 0;
};

// Calls visit(Graph&) for every subgraph among the node's attributes, not deeper.
template <typename Visit>
void ForEachSubgraph(const Node& node, Visit visit) {
  for (const auto& [name, attribute] : node.attributes) {
    if (const auto* one = std::get_if<Subgraph>(&attribute)) visit(**one);
    if (const auto* many = std::get_if<std::vector<Subgraph>>(&attribute)) {
      for (const Subgraph& body : *many) visit(*body);
    }
  }
}

}  // namespace bakeoff::graph
