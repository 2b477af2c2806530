// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// TensorFlow frozen graphs, as `inspect` reads them.
#include "fuzz/fuzz.h"
#include "graph/files/facts.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::MayRefuse([&] {
    graph::ReadFrozenFacts(fuzz::AsFile({data, size}, "model.pb"), [](const std::vector<graph::FilePort>& inputs) {
      std::map<std::string, Shape> shapes;
      for (const graph::FilePort& input : inputs) {
        Shape shape = input.shape.value_or(Shape{});
        for (int64_t& extent : shape) extent = extent < 0 ? 2 : extent;
        shapes[input.name] = shape;
      }
      return shapes;
    });
  });
}
