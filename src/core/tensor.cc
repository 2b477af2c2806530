// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Element types, shape text and element counts.
#include "bakeoff/tensor.h"

#include <fmt/format.h>

#include <array>

#include "bakeoff/error.h"

namespace bakeoff {
namespace {

struct Row {
  DType type;
  std::string_view name;
  size_t size;
};

constexpr std::array kTable = {
    Row{DType::kF32, "f32", 4}, Row{DType::kF16, "f16", 2},   Row{DType::kBF16, "bf16", 2}, Row{DType::kF64, "f64", 8},
    Row{DType::kI8, "i8", 1},   Row{DType::kU8, "u8", 1},     Row{DType::kI16, "i16", 2},   Row{DType::kI32, "i32", 4},
    Row{DType::kI64, "i64", 8}, Row{DType::kBool, "bool", 1},
};

}  // namespace

std::string_view DTypeName(DType type) {
  return kTable.at(static_cast<size_t>(type)).name;
}
size_t DTypeSize(DType type) {
  return kTable.at(static_cast<size_t>(type)).size;
}

DType DTypeFromName(std::string_view name) {
  std::string known;
  for (const Row& row : kTable) {
    if (row.name == name) return row.type;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error(ErrorCode::kUsage, fmt::format("unknown element type '{}'; known: {}", name, known));
}

std::string ShapeText(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const int64_t extent : shape) {
    if (!text.empty()) text += 'x';
    text += extent == kFree ? "?" : fmt::format("{}", extent);
  }
  return text;
}

int64_t ElementCount(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) {
    if (extent < 0) throw Error(ErrorCode::kUsage, fmt::format("the shape {} has a free dimension", ShapeText(shape)));
    if (__builtin_mul_overflow(count, extent, &count)) {
      throw Error(ErrorCode::kUsage, fmt::format("the shape {} has too many elements", ShapeText(shape)));
    }
  }
  return count;
}

TensorView View(DType type, Shape shape, void* data) {
  const size_t bytes = static_cast<size_t>(ElementCount(shape)) * DTypeSize(type);
  return {type, std::move(shape), data, bytes};
}

}  // namespace bakeoff
