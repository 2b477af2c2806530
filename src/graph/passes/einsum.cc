// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: an Einsum of two factors that is a batched matrix product becomes Transpose and MatMul, which every target
// knows.
#include <algorithm>
#include <iterator>
#include <string>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace bakeoff::graph {
namespace {

// "bhid,bhjd->bhij" as its three parts; empty parts where it is of another form.
struct Equation {
  std::string left, right, result;
};

Equation Parse(const std::string& text) {
  std::string plain;
  std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != ' '; });
  const size_t comma = plain.find(','), arrow = plain.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || comma > arrow || plain.find('.') != std::string::npos)
    return {};
  return {plain.substr(0, comma), plain.substr(comma + 1, arrow - comma - 1), plain.substr(arrow + 2)};
}

bool Has(const std::string& part, char letter) {
  return part.find(letter) != std::string::npos;
}

bool Repeats(std::string part) {
  std::sort(part.begin(), part.end());
  return std::adjacent_find(part.begin(), part.end()) != part.end();
}

// From the order `from` to the order `to` of the same letters.
Value* Ordered(Graph& graph, Node& before, Value* value, const std::string& from, const std::string& to) {
  if (from == to) return value;
  Value& moved = graph.AddValue(graph.UniqueName(value->name() + ".ordered"), value->type);
  std::vector<int64_t> order;
  for (const char letter : to) order.push_back(static_cast<int64_t>(from.find(letter)));
  if (value->shape && value->shape->size() == order.size()) {
    SymbolicShape shape;
    for (const int64_t axis : order) shape.push_back((*value->shape)[static_cast<size_t>(axis)]);
    moved.shape = std::move(shape);
  }
  Node& node = graph.AddNode("Transpose", {value}, {&moved}, moved.name(), &before);
  node.attributes["perm"] = std::move(order);
  return &moved;
}

bool Expand(Graph& graph, Node& node) {
  const Equation e = Parse(node.String("equation", ""));
  if (e.left.empty() || node.inputs().size() != 2 || !node.input(0) || !node.input(1) || !node.output(0)) return false;
  if (Repeats(e.left) || Repeats(e.right) || Repeats(e.result)) return false;
  std::string batch, rows, columns, summed;
  for (const char letter : e.left) {
    const bool right = Has(e.right, letter), result = Has(e.result, letter);
    if (!right && !result) return false;  // a sum over one factor alone
    (right && result ? batch : right ? summed : rows) += letter;
  }
  for (const char letter : e.right) {
    if (Has(e.left, letter)) continue;
    if (!Has(e.result, letter)) return false;
    columns += letter;
  }
  if (rows.size() != 1 || columns.size() != 1 || summed.size() != 1) return false;
  if (e.result.size() != batch.size() + 2) return false;
  // Batch axes in the order of the result, so that the last Transpose often falls away.
  std::sort(batch.begin(), batch.end(), [&](char a, char b) { return e.result.find(a) < e.result.find(b); });
  Value* a = Ordered(graph, node, node.input(0), e.left, batch + rows + summed);
  Value* b = Ordered(graph, node, node.input(1), e.right, batch + summed + columns);
  Value& product = graph.AddValue(graph.UniqueName(node.output(0)->name() + ".product"), node.output(0)->type);
  graph.AddNode("MatMul", {a, b}, {&product}, node.name, &node);
  Value* result = Ordered(graph, node, &product, batch + rows + columns, e.result);
  // It may become an output of the graph, which must tell its shape.
  result->shape = node.output(0)->shape;
  graph.Replace(*node.output(0), *result);
  graph.RemoveNode(node);
  return true;
}

}  // namespace

bool ExpandEinsums(Model& model) {
  return RewriteNodes(model.graph, [](Graph& graph, Node& node) { return node.Is("Einsum") && Expand(graph, node); });
}

}  // namespace bakeoff::graph
