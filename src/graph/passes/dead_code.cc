// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: removes nodes and constants that no output needs.
#include "graph/passes/passes.h"

namespace bakeoff::graph {
namespace {

bool IsNeeded(const Node& node) {
  for (const Value* output : node.outputs()) {
    if (output && (!output->uses().empty() || output->IsOutput())) return true;
  }
  return false;
}

bool Sweep(Graph& graph) {
  bool changed = false;
  // From the back: what a removed node used may be needed by nobody else.
  for (auto at = graph.nodes().end(); at != graph.nodes().begin();) {
    Node& node = *--at;
    if (IsNeeded(node)) {
      ForEachSubgraph(node, [&](Graph& body) { changed |= Sweep(body); });
      continue;
    }
    ++at;
    graph.RemoveNode(node);
    changed = true;
  }
  for (auto at = graph.values().begin(); at != graph.values().end();) {
    Value& value = *at++;
    if (value.constant() && value.uses().empty() && !value.IsOutput() && !value.IsInput()) {
      graph.RemoveValue(value);
      changed = true;
    }
  }
  return changed;
}

}  // namespace

bool RemoveDeadCode(Model& model) {
  return Sweep(model.graph);
}

}  // namespace bakeoff::graph
