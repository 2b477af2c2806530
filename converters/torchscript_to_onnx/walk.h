// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Runs the nodes of a program on both probes and has each one expressed.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "converters/torchscript_to_onnx/emit.h"
#include "graph/model.h"

namespace bakeoff::torchscript {

// One node that cannot be expressed.
struct Refusal {
  std::string op, node, reason;
};

// Goes through a graph from the front to the back. Not thread-safe; the jit graph must outlive it.
class Walk {
 public:
  explicit Walk(graph::Model& model) : model_(model), build_(model.graph) {}

  // Before Run(): what a value of the jit graph is.
  void Bind(const torch::jit::Value* value, Item item) { items_[value] = std::move(item); }
  // Throws Error{kUsage} where a node does not run on the probes. Nodes that cannot be expressed are collected, so that
  // all of them can be told at once.
  void Run(const torch::jit::Block& block);
  const Item& At(const torch::jit::Value* value) const { return items_.at(value); }
  Item& At(const torch::jit::Value* value) { return items_.at(value); }
  const std::vector<Refusal>& refusals() const { return refusals_; }
  graph::Builder& build() { return build_; }

 private:
  void Visit(const torch::jit::Node& node);
  bool Structure(const torch::jit::Node& node);
  void Branch(const torch::jit::Node& node);
  void Loop(const torch::jit::Node& node);
  void Execute(const torch::jit::Node& node);
  void Express(const torch::jit::Node& node, std::vector<Item> results);
  void Mutate(const torch::jit::Node& node, const Item& before, const Item& after);
  void Refuse(const torch::jit::Node& node, const std::string& reason, std::vector<Item> results = {});

  graph::Model& model_;
  graph::Builder build_;
  std::unordered_map<const torch::jit::Value*, Item> items_;
  std::vector<Refusal> refusals_;
};

}  // namespace bakeoff::torchscript
