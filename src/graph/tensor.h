// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Constant tensors of the graph: weights, shape constants, attribute values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/bytes.h"
#include "graph/element_type.h"

namespace bakeoff::graph {

// Row-major and dense. `bytes` has exactly the bytes that type and dims ask for, little-endian; a string tensor
// has its elements in `strings` instead. Copying shares the bytes.
struct Tensor {
  ElementType type = ElementType::kF32;
  std::vector<int64_t> dims;
  Bytes bytes;
  std::vector<std::string> strings;

  int64_t Count() const;
  // The elements without a copy. Throws Error{kInternal} where the type is another.
  std::span<const float> Floats() const;
  std::span<const int64_t> Ints() const;

  static Tensor F32(std::vector<int64_t> dims, std::vector<float> values);
  static Tensor I64(std::vector<int64_t> dims, std::vector<int64_t> values);
  static Tensor Scalar(float value) { return F32({}, {value}); }
};

// Throws Error{kInvalidModel} that begins with `what`: negative extents, a product that overflows, a number of bytes
// or strings that disagrees with type and dims.
void CheckTensor(std::string_view what, const Tensor& tensor);

}  // namespace bakeoff::graph
