// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What is known of one value of the program while it is imported.
#pragma once

#include <ATen/core/ivalue.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace bakeoff::torchscript {

// The program runs on two probes at once: they differ in every extent that is to stay free.
inline constexpr size_t kProbes = 2;
using Seen = std::array<c10::IValue, kProbes>;

// A size of a tensor: where a reshape puts the same extent at the same place, ONNX has a short form for it.
struct SizeOf {
  const graph::Value* tensor;
  int64_t axis;
};

struct Item {
  Seen seen;
  // Whether it depends on an input's data or on a free extent. What does not is a constant, and seen[0] is its value.
  bool varies = false;
  // Of a tensor or number that varies; of a constant, once somebody used it. Numbers are scalars: i64, f64 or bool.
  graph::Value* value = nullptr;
  std::optional<SizeOf> size;
  std::vector<Item> elements;  // of a list or tuple that varies

  bool IsTensor() const { return seen[0].isTensor(); }
  const at::Tensor& tensor(size_t probe = 0) const { return seen[probe].toTensor(); }
};

}  // namespace bakeoff::torchscript
