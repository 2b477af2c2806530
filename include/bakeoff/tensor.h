// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tensors as the contracts see them: element types, shapes, named specifications and non-owning views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff {

enum class DType : uint8_t { kF32, kF16, kBF16, kF64, kI8, kU8, kI16, kI32, kI64, kBool };

// "f32", "f16", "bf16", "f64", "i8", "u8", "i16", "i32", "i64", "bool".
std::string_view DTypeName(DType type);
// Inverse of DTypeName(). Throws Error{kUsage} naming the text and the known types.
DType DTypeFromName(std::string_view name);
// Bytes of one element.
size_t DTypeSize(DType type);

// Extents, outermost first. -1 is a free dimension (known only at Run).
using Shape = std::vector<int64_t>;

inline constexpr int64_t kFree = -1;

// "1x3x224x224", "?x3x?x?" for free dimensions, "scalar" for rank 0.
std::string ShapeText(const Shape& shape);
// Product of the extents, 1 for a scalar. Throws Error{kUsage} on a free or negative extent or on overflow.
int64_t ElementCount(const Shape& shape);

// One input or output of a model.
struct TensorSpec {
  std::string name;
  DType type = DType::kF32;
  Shape shape;

  bool operator==(const TensorSpec&) const = default;
};

// A dense, row-major tensor in memory that somebody else owns. `shape` has no free dimension and
// `bytes` equals ElementCount(shape) * DTypeSize(type).
struct TensorView {
  DType type = DType::kF32;
  Shape shape;
  void* data = nullptr;
  size_t bytes = 0;
};

using Tensors = std::vector<TensorView>;

// A view of `data` as `type` and `shape`, with the byte count worked out.
TensorView View(DType type, Shape shape, void* data);

}  // namespace bakeoff
