// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Shapes through the operators of a GraphDef, for concrete inputs.
#pragma once

#include <optional>
#include <vector>

#include "graph/files/graph_def.h"

namespace bakeoff::graph {

// What is known about one output of a node.
struct DefValue {
  std::optional<Shape> shape;                  // of a handle: the variable's
  std::optional<std::vector<int64_t>> values;  // of small whole constants, and what is computed of shapes
};

// The outputs of a node whose inputs are known so far. Entries are empty where an operator has no rule here, or a shape
// that it needs is missing; operators that take functions are the caller's.
std::vector<DefValue> InferOutputs(const DefNode& node, const std::vector<DefValue>& inputs);

// The node's multiply-adds: 0 for operators that do not multiply matrices, nothing where a shape is missing.
std::optional<int64_t> MultiplyAdds(const DefNode& node, const std::vector<DefValue>& inputs, const DefValue& output);

}  // namespace bakeoff::graph
