// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Elements of tensors as numbers: reading any type, writing with the type's own rounding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "bakeoff/tensor.h"

namespace bakeoff::core {

// IEEE 754 binary16 and bfloat16, round to nearest even; a NaN stays one.
uint16_t HalfFromFloat(float value);
float FloatFromHalf(uint16_t bits);
uint16_t BFloatFromFloat(float value);
float FloatFromBFloat(uint16_t bits);

bool IsFloating(DType type);

struct TypeRange {
  int64_t low = 0;
  int64_t high = 0;
};
// Of an integer type or bool.
TypeRange RangeOf(DType type);

// All elements. Exact but for i64 beyond 2^53.
std::vector<double> ToDoubles(DType type, std::span<const std::byte> bytes);

// Writes element `index`. For integer types `value` must be whole and in range.
void StoreReal(DType type, std::byte* data, size_t index, double value);
void StoreInt(DType type, std::byte* data, size_t index, int64_t value);

// `data` with its axes in another order: axis n of the result is axis axes[n] of the source. Elements are `size` bytes.
std::vector<std::byte> Transposed(std::span<const std::byte> data, const Shape& shape, const std::vector<size_t>& axes,
                                  size_t size);

}  // namespace bakeoff::core
