// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Element types of the graph: every type that ONNX has, with ONNX's numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bakeoff/tensor.h"

namespace bakeoff::graph {

// The values are those of onnx.TensorProto.DataType, so that reading and writing need no table.
enum class ElementType : uint8_t {
  kUndefined = 0,
  kF32 = 1,
  kU8 = 2,
  kI8 = 3,
  kU16 = 4,
  kI16 = 5,
  kI32 = 6,
  kI64 = 7,
  kString = 8,
  kBool = 9,
  kF16 = 10,
  kF64 = 11,
  kU32 = 12,
  kU64 = 13,
  kC64 = 14,
  kC128 = 15,
  kBF16 = 16,
  kF8E4M3FN = 17,
  kF8E4M3FNUZ = 18,
  kF8E5M2 = 19,
  kF8E5M2FNUZ = 20,
  kU4 = 21,
  kI4 = 22,
  kF4E2M1 = 23,
  kF8E8M0 = 24,
  kU2 = 25,
  kI2 = 26,
};

inline constexpr int kLastElementType = 26;

// "f32", "u4", "string"; "?" for kUndefined.
std::string_view ElementTypeName(ElementType type);
// Bits of one element; 0 for kUndefined and kString. Elements below 8 bits are packed, the lowest bits first.
int ElementBits(ElementType type);
// Bytes of `count` elements, packed where the type is; nullopt on overflow or for a type without a size.
std::optional<uint64_t> ByteCount(ElementType type, uint64_t count);
// The type of the contracts, where they have it.
std::optional<DType> ToDType(ElementType type);
ElementType FromDType(DType type);

}  // namespace bakeoff::graph
