// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The order of execution, and the checks that a graph hangs together.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "bakeoff/error.h"
#include "graph/graph.h"

namespace bakeoff::graph {
namespace {

// The nodes of this graph that `node` waits for, also through values that its subgraphs use.
void Producers(const Node& node, std::vector<const Node*>& producers) {
  for (const Value* value : node.inputs()) {
    if (value && value->producer()) producers.push_back(value->producer());
  }
  ForEachSubgraph(node, [&](const Graph& body) {
    for (const Node& inner : body.nodes()) Producers(inner, producers);
    for (const Value* value : body.outputs()) {
      if (value->producer()) producers.push_back(value->producer());
    }
  });
}

// Walks producers among the nodes that could not be ordered until one comes again.
std::string CycleText(const std::unordered_map<const Node*, std::vector<const Node*>>& waits, const Node* start) {
  std::vector<const Node*> path;
  for (const Node* node = start;;) {
    const auto seen = std::find(path.begin(), path.end(), node);
    if (seen != path.end()) {
      path.erase(path.begin(), seen);
      break;
    }
    path.push_back(node);
    node = waits.at(node).front();
  }
  std::reverse(path.begin(), path.end());
  std::vector<std::string> names;
  constexpr size_t kShown = 6;
  for (size_t i = 0; i < path.size() && i < kShown; ++i) names.push_back(path[i]->Describe());
  return fmt::format("{}{}", fmt::join(names, ", "), path.size() > kShown ? ", ..." : "");
}

bool IsPermutation(const Permutation& permutation, size_t rank) {
  std::vector<bool> seen(rank);
  if (permutation.size() != rank) return false;
  for (const int axis : permutation) {
    if (axis < 0 || static_cast<size_t>(axis) >= rank || seen[axis]) return false;
    seen[axis] = true;
  }
  return true;
}

void CheckValue(const Value& value) {
  if (value.constant()) CheckTensor(fmt::format("tensor '{}'", value.name()), *value.constant());
  const bool made = value.producer() || value.IsInput() || value.constant();
  if (!made && (!value.uses().empty() || value.IsOutput())) {
    const std::string user = value.uses().empty() ? "the graph's outputs" : value.uses().front().node->Describe();
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{} uses the tensor '{}', which nothing makes", user, value.name()));
  }
  if (!value.permutation.empty() && value.shape && !IsPermutation(value.permutation, value.shape->size())) {
    throw Error(ErrorCode::kInternal, fmt::format("'{}' has a physical permutation that is none", value.name()));
  }
  for (const Use& use : value.uses()) {
    if (use.node->input(use.index) != &value) {
      throw Error(ErrorCode::kInternal, fmt::format("the uses of '{}' are wrong", value.name()));
    }
  }
}

}  // namespace

void Graph::Sort() {
  std::unordered_map<const Node*, size_t> place;
  for (const Node& node : nodes_) place.emplace(&node, place.size());
  std::unordered_map<const Node*, std::vector<const Node*>> waits;
  std::unordered_map<const Node*, std::vector<Node*>> followers;
  std::unordered_map<const Node*, size_t> missing;
  const auto later = [&](const Node* a, const Node* b) { return place.at(a) > place.at(b); };
  std::priority_queue<Node*, std::vector<Node*>, decltype(later)> ready(later);
  for (Node& node : nodes_) {
    std::vector<const Node*> producers;
    Producers(node, producers);
    // Producers inside subgraphs and in outer graphs are not ours to order.
    std::erase_if(producers, [&](const Node* producer) { return !place.contains(producer); });
    for (const Node* producer : producers) followers[producer].push_back(&node);
    missing[&node] = producers.size();
    if (producers.empty()) ready.push(&node);
    waits.emplace(&node, std::move(producers));
  }
  size_t done = 0;
  while (!ready.empty()) {
    Node* node = ready.top();
    ready.pop();
    nodes_.splice(nodes_.end(), nodes_, node->position_);
    ++done;
    waits.erase(node);
    for (Node* follower : followers[node]) {
      if (--missing[follower] == 0) ready.push(follower);
    }
  }
  if (done == nodes_.size()) return;
  for (auto& [node, producers] : waits) {
    std::erase_if(producers, [&](const Node* producer) { return !waits.contains(producer); });
  }
  const auto first = std::min_element(waits.begin(), waits.end(),
                                      [&](const auto& a, const auto& b) { return later(b.first, a.first); });
  throw Error(ErrorCode::kInvalidModel,
              fmt::format("the graph has a cycle: {} wait for each other", CycleText(waits, first->first)));
}

void Graph::Validate() const {
  for (const Value& value : values_) CheckValue(value);
  std::unordered_set<const Node*> waiting;
  for (const Node& node : nodes_) waiting.insert(&node);
  for (const Node& node : nodes_) {
    std::vector<const Node*> producers;
    Producers(node, producers);
    for (const Node* producer : producers) {
      if (waiting.contains(producer)) {
        throw Error(ErrorCode::kInternal,
                    fmt::format("{} stands before {}, whose result it uses", node.Describe(), producer->Describe()));
      }
    }
    waiting.erase(&node);
    ForEachSubgraph(node, [](const Graph& body) { body.Validate(); });
  }
}

}  // namespace bakeoff::graph
