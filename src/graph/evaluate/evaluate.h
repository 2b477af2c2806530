// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A small reference evaluator: computes operators on the CPU, plainly. For folding constants, for setting up random
// networks and for tests; not for speed, except for convolutions and matrix products, which would take minutes
// otherwise.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace bakeoff::graph {

// Whether Evaluate() knows the operator. It may still refuse element types or attributes.
bool CanEvaluate(const Node& node);

// The node's outputs for these inputs; an input that is left out is null. Throws Error: kUnsupported naming the node
// for an operator, type or attribute that it does not know, kInvalidModel where inputs contradict the operator.
std::vector<Tensor> Evaluate(const Node& node, std::span<const Tensor* const> inputs);

// The graph's outputs by name. `inputs` needs every input that has no default.
std::map<std::string, Tensor> Evaluate(const Graph& graph, const std::map<std::string, Tensor>& inputs);

}  // namespace bakeoff::graph
