// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: removes nodes that only hand on their input.
#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace bakeoff::graph {
namespace {

bool IsUnused(const Value* value) {
  return !value || (value->uses().empty() && !value->IsOutput());
}

bool HandsOn(const Node& node) {
  if (node.Is("Identity")) return true;
  if (node.Is("Concat")) return node.inputs().size() == 1;
  if (node.Is("Cast")) {
    const Value* x = node.input(0);
    return x && x->type != ElementType::kUndefined && static_cast<int64_t>(x->type) == node.Int("to", 0);
  }
  if (node.Is("Dropout")) {
    // Outside training it does nothing; the mask must not be wanted. Training is off where the third input is absent or
    // false.
    const Value* training = node.input(2);
    const Tensor* known = training ? training->constant() : nullptr;
    const bool off = !training || (known && !training->IsInput() && known->bytes.size() == 1 &&
                                   known->bytes.data()[0] == std::byte{0});
    return off && IsUnused(node.output(1));
  }
  return false;
}

bool Remove(Graph& graph, Node& node) {
  if (!HandsOn(node) || !node.input(0) || !node.output(0)) return false;
  // An output of the graph that is an input or a constant keeps its Identity.
  if (!graph.Replace(*node.output(0), *node.input(0))) return false;
  graph.RemoveNode(node);
  return true;
}

}  // namespace

bool RemoveIdentities(Model& model) {
  return RewriteNodes(model.graph, Remove);
}

}  // namespace bakeoff::graph
