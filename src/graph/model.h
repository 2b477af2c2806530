// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A graph and what its file says about it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "graph/graph.h"

namespace bakeoff::graph {

inline constexpr int64_t kDefaultOpset = 17;
inline constexpr int64_t kDefaultIrVersion = 8;  // the one that came with opset 17

struct Model {
  Graph graph;
  int64_t ir_version = kDefaultIrVersion;
  std::map<std::string, int64_t> opsets{{"", kDefaultOpset}};  // by domain; "" is ai.onnx
  std::string producer, producer_version, domain, doc;
  int64_t version = 0;
  std::map<std::string, std::string> metadata;

  // The version of ai.onnx; 0 where the model does not import it.
  int64_t Opset() const {
    const auto found = opsets.find("");
    return found == opsets.end() ? 0 : found->second;
  }
};

}  // namespace bakeoff::graph
