// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Recognises a product whose factors, in whatever order, are x, 1/2 and 1 + erf(x / sqrt 2).
#include "converters/channels_last/fuse_gelu.h"

#include <cmath>
#include <vector>

namespace bakeoff::channels_last {
namespace {

using graph::Node;
using graph::Value;

bool IsNumber(const Value* value, double wanted) {
  const graph::Tensor* tensor = value && !value->IsInput() ? value->constant() : nullptr;
  return tensor && tensor->type == graph::ElementType::kF32 && tensor->Count() == 1 &&
         std::fabs(static_cast<double>(tensor->Floats()[0]) - wanted) < 1e-6 * std::fabs(wanted);
}

Node* Made(const Value* value, const char* op) {
  Node* node = value ? value->producer() : nullptr;
  return node && node->Is(op) ? node : nullptr;
}

// The operand beside the number; null where neither is it.
Value* Beside(const Node& node, double number) {
  if (IsNumber(node.input(1), number)) return node.input(0);
  return IsNumber(node.input(0), number) ? node.input(1) : nullptr;
}

// x of 1 + erf(x / sqrt 2).
Value* InsideErf(const Value* value) {
  const Node* add = Made(value, "Add");
  const Node* erf = add ? Made(Beside(*add, 1), "Erf") : nullptr;
  if (!erf) return nullptr;
  if (const Node* div = Made(erf->input(0), "Div"); div && IsNumber(div->input(1), std::sqrt(2.0)))
    return div->input(0);
  const Node* mul = Made(erf->input(0), "Mul");
  return mul ? Beside(*mul, std::sqrt(0.5)) : nullptr;
}

// The factors of a product of products, as far as only this product uses them.
void Factors(Value* value, bool top, std::vector<Value*>& factors) {
  const Node* mul = Made(value, "Mul");
  if (!mul || (!top && (value->uses().size() != 1 || value->IsOutput()))) {
    factors.push_back(value);
    return;
  }
  Factors(mul->input(0), false, factors);
  Factors(mul->input(1), false, factors);
}

Value* GeluOf(const Node& node) {
  std::vector<Value*> factors;
  Factors(node.output(0), true, factors);
  if (factors.size() != 3) return nullptr;
  for (size_t erf = 0; erf < 3; ++erf) {
    Value* x = InsideErf(factors[erf]);
    const Value *one = factors[(erf + 1) % 3], *other = factors[(erf + 2) % 3];
    if (x && ((one == x && IsNumber(other, 0.5)) || (other == x && IsNumber(one, 0.5)))) return x;
  }
  return nullptr;
}

}  // namespace

size_t FuseGelu(graph::Model& model) {
  size_t found = 0;
  graph::Graph& graph = model.graph;
  for (auto at = graph.nodes().begin(); at != graph.nodes().end();) {
    Node& node = *at++;
    Value* x = node.Is("Mul") && node.output(0) ? GeluOf(node) : nullptr;
    if (!x) continue;
    Value& old = *node.output(0);
    Value& fused = graph.AddValue(graph.UniqueName(old.name() + ".gelu"), old.type, old.shape);
    graph.AddNode("Gelu", {x}, {&fused}, node.name, &node);
    graph.Replace(old, fused);
    graph.RemoveNode(node);
    ++found;
  }
  return found;
}

}  // namespace bakeoff::channels_last
