// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Inputs and outputs as the contracts describe them, and free extents set to numbers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bakeoff/tensor.h"
#include "graph/model.h"

namespace bakeoff::graph {

// Without inputs that are constants by default. A type that the contracts lack throws Error{kUnsupported} naming the
// value; so does an unknown rank.
std::vector<TensorSpec> InputSpecs(const Graph& graph);
std::vector<TensorSpec> OutputSpecs(const Graph& graph);

// Gives inputs these shapes, and every other use of the dimension names in them the same numbers. Throws Error{kUsage}:
// no such input, another rank, an extent that contradicts a fixed one, one name with two numbers. Shapes that were only
// inferred from fixed extents stay, so call InferShapes() afterwards.
void BindShapes(Model& model, const std::map<std::string, Shape>& shapes);

}  // namespace bakeoff::graph
