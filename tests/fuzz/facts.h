// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the targets share whose readers tell facts about a file.
#pragma once

#include "fuzz/fuzz.h"
#include "graph/files/facts.h"

namespace bakeoff::fuzz {

// Every free extent is 2.
inline std::map<std::string, Shape> ChooseTwo(const std::vector<graph::FilePort>& inputs) {
  std::map<std::string, Shape> shapes;
  for (const graph::FilePort& input : inputs) {
    Shape shape = input.shape.value_or(Shape{});
    for (int64_t& extent : shape) extent = extent < 0 ? 2 : extent;
    shapes[input.name] = shape;
  }
  return shapes;
}

}  // namespace bakeoff::fuzz
