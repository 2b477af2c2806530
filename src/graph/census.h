// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Counts what a graph is made of: operators, parameters, multiply-adds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace bakeoff::graph {

struct Census {
  std::map<std::string, int64_t> operators;  // "Conv" or "domain.Op"; bodies of If and Loop included
  int64_t nodes = 0;
  // Numbers in constant tensors, batch-norm statistics included; whole numbers of 64 bits (shapes, axes) are not
  // weights.
  int64_t parameters = 0;
  uint64_t weight_bytes = 0;
  std::map<std::string, uint64_t> bytes_by_type;
  bool quantised = false;  // computes on, or stores weights as, quantised numbers
  // Of one run over the graph: convolutions and matrix products. Only where all their shapes are known.
  std::optional<int64_t> multiply_adds;
  std::vector<std::string> without_shape;  // the nodes for which they are not
  std::vector<std::string>
      not_counted;  // nodes that multiply in ways this does not count (recurrent layers, Einsum, bodies of If and Loop)
};

Census CountGraph(const Graph& graph);

// One node's multiply-adds; 0 for operators that are not counted, nullopt where a shape is missing.
std::optional<int64_t> MultiplyAdds(const Node& node);

}  // namespace bakeoff::graph
