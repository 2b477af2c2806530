// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the readers of model files share: sums that notice overflow, and the batch as the only free extent.
#include "graph/files/facts.h"

#include <fmt/format.h>

namespace bakeoff::graph {

std::optional<int64_t> CheckedProduct(const std::vector<int64_t>& factors) {
  int64_t product = 1;
  for (const int64_t factor : factors) {
    if (factor < 0 || __builtin_mul_overflow(product, factor, &product)) return std::nullopt;
  }
  return product;
}

void AddCount(Census& census, std::optional<int64_t> count, const std::string& operator_name) {
  if (!count) {
    census.without_shape.push_back(operator_name);
  } else if (census.multiply_adds && __builtin_add_overflow(*census.multiply_adds, *count, &*census.multiply_adds)) {
    census.multiply_adds.reset();
  }
}

std::optional<int64_t> CommonBatch(const std::vector<FilePort>& inputs, const std::map<std::string, Shape>& chosen,
                                   const std::vector<Shape>& usual, FileFacts& facts) {
  std::optional<int64_t> batch;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const FilePort& input = inputs[i];
    const auto found = chosen.find(input.name);
    if (!input.shape || found == chosen.end() || found->second.size() != input.shape->size()) return std::nullopt;
    for (size_t axis = 0; axis < input.shape->size(); ++axis) {
      if ((*input.shape)[axis] != kFree) continue;
      const int64_t extent = found->second[axis];
      const bool fits = axis == 0 ? !batch || *batch == extent : usual[i][axis] == extent;
      if (!fits) {
        facts.notes.push_back(fmt::format(
            "multiply-adds are not known: axis {} of input '{}' is free, and only the batch can be followed "
            "through this format",
            axis, input.name));
        return std::nullopt;
      }
      if (axis == 0) batch = extent;
    }
  }
  return batch.value_or(1);
}

}  // namespace bakeoff::graph
