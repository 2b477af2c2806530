// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Names and sizes of the graph's element types.
#include "graph/element_type.h"

#include <array>
#include <limits>

namespace bakeoff::graph {
namespace {

struct Row {
  std::string_view name;
  int bits;
};

constexpr std::array<Row, kLastElementType + 1> kRows{{
    {"?", 0},    {"f32", 32},   {"u8", 8},     {"i8", 8},       {"u16", 16},       {"i16", 16},   {"i32", 32},
    {"i64", 64}, {"string", 0}, {"bool", 8},   {"f16", 16},     {"f64", 64},       {"u32", 32},   {"u64", 64},
    {"c64", 64}, {"c128", 128}, {"bf16", 16},  {"f8e4m3fn", 8}, {"f8e4m3fnuz", 8}, {"f8e5m2", 8}, {"f8e5m2fnuz", 8},
    {"u4", 4},   {"i4", 4},     {"f4e2m1", 4}, {"f8e8m0", 8},   {"u2", 2},         {"i2", 2},
}};

}  // namespace

std::string_view ElementTypeName(ElementType type) {
  return kRows[static_cast<size_t>(type)].name;
}

int ElementBits(ElementType type) {
  return kRows[static_cast<size_t>(type)].bits;
}

std::optional<uint64_t> ByteCount(ElementType type, uint64_t count) {
  const auto bits = static_cast<uint64_t>(ElementBits(type));
  if (bits == 0 || count > std::numeric_limits<uint64_t>::max() / 128) return std::nullopt;
  return (count * bits + 7) / 8;
}

std::optional<DType> ToDType(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return DType::kF32;
    case ElementType::kF16:
      return DType::kF16;
    case ElementType::kBF16:
      return DType::kBF16;
    case ElementType::kF64:
      return DType::kF64;
    case ElementType::kI8:
      return DType::kI8;
    case ElementType::kU8:
      return DType::kU8;
    case ElementType::kI16:
      return DType::kI16;
    case ElementType::kI32:
      return DType::kI32;
    case ElementType::kI64:
      return DType::kI64;
    case ElementType::kBool:
      return DType::kBool;
    default:
      return std::nullopt;
  }
}

ElementType FromDType(DType type) {
  switch (type) {
    case DType::kF32:
      return ElementType::kF32;
    case DType::kF16:
      return ElementType::kF16;
    case DType::kBF16:
      return ElementType::kBF16;
    case DType::kF64:
      return ElementType::kF64;
    case DType::kI8:
      return ElementType::kI8;
    case DType::kU8:
      return ElementType::kU8;
    case DType::kI16:
      return ElementType::kI16;
    case DType::kI32:
      return ElementType::kI32;
    case DType::kI64:
      return ElementType::kI64;
    case DType::kBool:
      return ElementType::kBool;
  }
  return ElementType::kUndefined;
}

}  // namespace bakeoff::graph
