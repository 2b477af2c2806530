// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A constant as a file will hold it: elements of a graph's tensor under other extents, in another order of axes, or in
// 16 bits, without a copy until they are written.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"

namespace bakeoff::channels_last {

struct StoredConstant {
  graph::Tensor tensor;
  std::vector<int64_t> dims;  // as many elements as the tensor has
  std::vector<int> order;     // axis i of the stored form is axis order[i] of `dims`; empty keeps them
  bool half = false;          // f32 stored as f16

  std::vector<int64_t> Extents() const;  // of the stored form
  uint64_t Bytes() const;                // of the stored form
  // The stored form is the tensor's own bytes.
  bool AsItLies() const { return order.empty() && !half; }
  // Writes Bytes() bytes.
  void Fill(uint8_t* to) const;
  // Axis i of the result's stored form is axis `then[i]` of this one's.
  StoredConstant Reordered(const std::vector<int>& then) const;
};

}  // namespace bakeoff::channels_last
