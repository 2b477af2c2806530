// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: chains of Transpose and of Reshape become one node, or none.
#include <algorithm>
#include <numeric>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace bakeoff::graph {
namespace {

// The order that a Transpose gives its input's axes; empty where it is not known.
std::vector<int64_t> OrderOf(const Node& node) {
  std::vector<int64_t> order = node.Ints("perm");
  const Value* input = node.input(0);
  if (order.empty() && input && input->shape) {
    order.resize(input->shape->size());
    std::iota(order.rbegin(), order.rend(), 0);
  }
  return order;
}

bool IsIdentity(const std::vector<int64_t>& order) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] != static_cast<int64_t>(i)) return false;
  }
  return !order.empty();
}

// One Transpose behind another: takes the first one's input, in the combined order.
bool MergeTranspose(Graph& graph, Node& node) {
  Node* first = node.input(0) ? node.input(0)->producer() : nullptr;
  if (!first || !first->Is("Transpose") || !first->input(0)) return false;
  const auto inner = OrderOf(*first), outer = OrderOf(node);
  if (inner.empty() || inner.size() != outer.size()) return false;
  std::vector<int64_t> combined;
  for (const int64_t axis : outer) {
    if (axis < 0 || axis >= static_cast<int64_t>(inner.size())) return false;
    combined.push_back(inner[static_cast<size_t>(axis)]);
  }
  graph.SetInput(node, 0, first->input(0));
  node.attributes["perm"] = std::move(combined);
  return true;
}

const Tensor* ConstantTarget(const Node& node) {
  const Value* target = node.input(1);
  const Tensor* tensor = target && !target->IsInput() ? target->constant() : nullptr;
  return tensor && tensor->type == ElementType::kI64 ? tensor : nullptr;
}

// A Reshape behind a Reshape, Flatten, Squeeze or Unsqueeze sees the same elements in the same order without it. A 0 in
// its target copies an extent of its input, so then it needs that input.
bool MergeReshape(Graph& graph, Node& node) {
  Node* first = node.input(0) ? node.input(0)->producer() : nullptr;
  const bool keeps_order =
      first && (first->Is("Reshape") || first->Is("Flatten") || first->Is("Squeeze") || first->Is("Unsqueeze"));
  const Tensor* target = ConstantTarget(node);
  if (!keeps_order || !first->input(0) || !target) return false;
  if (node.Int("allowzero", 0) == 0 && std::ranges::count(target->Ints(), 0) > 0) return false;
  graph.SetInput(node, 0, first->input(0));
  return true;
}

// To the shape that it has already; one extent may be open, since the number of elements is the same.
bool IsReshapeToItself(const Node& node) {
  const Tensor* target = ConstantTarget(node);
  const Value* x = node.input(0);
  if (!target || !x || !x->shape || x->shape->size() != target->Ints().size()) return false;
  const bool zero_copies = node.Int("allowzero", 0) == 0;
  size_t open = 0;
  for (size_t axis = 0; axis < x->shape->size(); ++axis) {
    const int64_t wanted = target->Ints()[axis];
    const Dim& dim = (*x->shape)[axis];
    if (wanted == 0 && zero_copies) continue;
    if (wanted == -1) {
      ++open;
    } else if (!(dim == Dim(wanted)) || wanted == 0) {
      // An extent of 0 would leave the open one undetermined.
      return false;
    }
  }
  return open <= 1;
}

bool Cancel(Graph& graph, Node& node) {
  const bool transpose = node.Is("Transpose"), reshape = node.Is("Reshape");
  if ((!transpose && !reshape) || !node.input(0) || !node.output(0)) return false;
  const bool merged = transpose ? MergeTranspose(graph, node) : MergeReshape(graph, node);
  const bool nothing = transpose ? IsIdentity(OrderOf(node)) : IsReshapeToItself(node);
  if (!nothing || !graph.Replace(*node.output(0), *node.input(0))) return merged;
  graph.RemoveNode(node);
  return true;
}

}  // namespace

bool CancelMovement(Model& model) {
  return RewriteNodes(model.graph, Cancel);
}

}  // namespace bakeoff::graph
