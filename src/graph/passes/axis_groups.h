// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which axes a Reshape merges and splits, and what that means for data whose axes lie in another order.
#pragma once

#include <optional>
#include <vector>

#include "graph/dim.h"
#include "graph/node.h"

namespace bakeoff::graph {

// Neighbouring axes before, and the neighbouring axes after that have the same elements between them.
struct AxisGroup {
  std::vector<int> before, after;
};

// The finest grouping; axes of extent 1 belong to a neighbour. nullopt where extents are unknown or do not agree.
std::optional<std::vector<AxisGroup>> GroupAxes(const SymbolicShape& before, const SymbolicShape& after);

struct GroupedOrders {
  Permutation before;  // the order that the input must have: as it lies, if each group lies together and ascending
  Permutation after;   // the order that the output then has
};
GroupedOrders ThroughGroups(const std::vector<AxisGroup>& groups, const SymbolicShape& shape, const Permutation& lies);

}  // namespace bakeoff::graph
