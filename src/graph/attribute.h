// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Attributes of nodes: typed values by name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "graph/tensor.h"

namespace bakeoff::graph {

class Graph;

// Bodies of If, Loop and Scan. They may use values of the graphs around them, which therefore must outlive them.
using Subgraph = std::unique_ptr<Graph>;

using Attribute = std::variant<int64_t, float, std::string, Tensor, Subgraph, std::vector<int64_t>, std::vector<float>,
                               std::vector<std::string>, std::vector<Tensor>, std::vector<Subgraph>>;

// Sorted by name, so that files come out the same every time.
using Attributes = std::map<std::string, Attribute, std::less<>>;

// "int", "floats", ... for messages.
const char* AttributeKind(const Attribute& attribute);

}  // namespace bakeoff::graph
