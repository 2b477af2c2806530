// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The walk that most passes share.
#pragma once

#include "graph/graph.h"

namespace bakeoff::graph {

// Calls rewrite(Graph&, Node&), which says whether it changed anything, for every node, those of subgraphs before the
// node that has them. It may remove its node, and add nodes before it. Returns whether anything changed.
template <typename Rewrite>
bool RewriteNodes(Graph& graph, const Rewrite& rewrite) {
  bool changed = false;
  for (auto at = graph.nodes().begin(); at != graph.nodes().end();) {
    Node& node = *at++;
    ForEachSubgraph(node, [&](Graph& body) { changed |= RewriteNodes(body, rewrite); });
    changed |= rewrite(graph, node);
  }
  return changed;
}

}  // namespace bakeoff::graph
