// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Conversions between element types and numbers, and transposition.
#include "core/elements.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "bakeoff/error.h"

namespace bakeoff::core {
namespace {

template <typename T>
void AppendAs(std::span<const std::byte> bytes, std::vector<double>& values) {
  for (size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    values.push_back(static_cast<double>(value));
  }
}

template <float (*Convert)(uint16_t)>
void AppendShort(std::span<const std::byte> bytes, std::vector<double>& values) {
  for (size_t at = 0; at + 2 <= bytes.size(); at += 2) {
    uint16_t bits;
    std::memcpy(&bits, bytes.data() + at, 2);
    values.push_back(Convert(bits));
  }
}

template <typename T>
void Put(std::byte* data, size_t index, T value) {
  std::memcpy(data + index * sizeof(T), &value, sizeof(T));
}

}  // namespace

uint16_t HalfFromFloat(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  if (std::isnan(value)) return static_cast<uint16_t>(sign | 0x7e00u);
  const float magnitude = std::abs(value);
  // 65520 is the middle between the largest half and the next power of two: from here on the result is infinite.
  if (magnitude >= 65520.0f) return static_cast<uint16_t>(sign | 0x7c00u);
  // Below 2^-14 the spacing is 2^-24: nearbyint() rounds to even, as the format wants.
  if (magnitude < 0x1p-14f)
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24f)));
  uint32_t magnitude_bits = std::bit_cast<uint32_t>(magnitude);
  magnitude_bits += 0xfffu + ((magnitude_bits >> 13) & 1u);
  return static_cast<uint16_t>(sign | ((magnitude_bits >> 13) - (112u << 10)));
}

float FloatFromHalf(uint16_t bits) {
  const float sign = (bits & 0x8000u) ? -1.0f : 1.0f;
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  if (exponent == 31)
    return fraction ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

uint16_t BFloatFromFloat(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float FloatFromBFloat(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

bool IsFloating(DType type) {
  return type == DType::kF32 || type == DType::kF16 || type == DType::kBF16 || type == DType::kF64;
}

TypeRange RangeOf(DType type) {
  switch (type) {
    case DType::kBool:
      return {0, 1};
    case DType::kI8:
      return {-128, 127};
    case DType::kU8:
      return {0, 255};
    case DType::kI16:
      return {-32768, 32767};
    case DType::kI32:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    default:
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  }
}

std::vector<double> ToDoubles(DType type, std::span<const std::byte> bytes) {
  std::vector<double> values;
  values.reserve(bytes.size() / DTypeSize(type));
  switch (type) {
    case DType::kF32:
      AppendAs<float>(bytes, values);
      break;
    case DType::kF64:
      AppendAs<double>(bytes, values);
      break;
    case DType::kF16:
      AppendShort<FloatFromHalf>(bytes, values);
      break;
    case DType::kBF16:
      AppendShort<FloatFromBFloat>(bytes, values);
      break;
    case DType::kI8:
      AppendAs<int8_t>(bytes, values);
      break;
    case DType::kU8:
    case DType::kBool:
      AppendAs<uint8_t>(bytes, values);
      break;
    case DType::kI16:
      AppendAs<int16_t>(bytes, values);
      break;
    case DType::kI32:
      AppendAs<int32_t>(bytes, values);
      break;
    case DType::kI64:
      AppendAs<int64_t>(bytes, values);
      break;
  }
  return values;
}

void StoreReal(DType type, std::byte* data, size_t index, double value) {
  switch (type) {
    case DType::kF32:
      return Put(data, index, static_cast<float>(value));
    case DType::kF64:
      return Put(data, index, value);
    case DType::kF16:
      return Put(data, index, HalfFromFloat(static_cast<float>(value)));
    case DType::kBF16:
      return Put(data, index, BFloatFromFloat(static_cast<float>(value)));
    default:
      return StoreInt(type, data, index, static_cast<int64_t>(value));
  }
}

void StoreInt(DType type, std::byte* data, size_t index, int64_t value) {
  switch (type) {
    case DType::kI8:
      return Put(data, index, static_cast<int8_t>(value));
    case DType::kU8:
    case DType::kBool:
      return Put(data, index, static_cast<uint8_t>(value));
    case DType::kI16:
      return Put(data, index, static_cast<int16_t>(value));
    case DType::kI32:
      return Put(data, index, static_cast<int32_t>(value));
    case DType::kI64:
      return Put(data, index, value);
    default:
      return StoreReal(type, data, index, static_cast<double>(value));
  }
}

std::vector<std::byte> Transposed(std::span<const std::byte> data, const Shape& shape, const std::vector<size_t>& axes,
                                  size_t size) {
  if (axes.size() != shape.size()) throw Error(ErrorCode::kInternal, "a transposition of another rank");
  const size_t rank = shape.size();
  std::vector<size_t> strides(rank, size);
  for (size_t axis = rank; axis-- > 1;) strides[axis - 1] = strides[axis] * static_cast<size_t>(shape[axis]);
  std::vector<std::byte> result(data.size());
  if (result.empty()) return result;
  // An odometer over the result's axes.
  std::vector<int64_t> at(rank, 0);
  size_t source = 0;
  for (size_t target = 0; target < result.size(); target += size) {
    std::memcpy(result.data() + target, data.data() + source, size);
    for (size_t axis = rank; axis-- > 0;) {
      source += strides[axes[axis]];
      if (++at[axis] < shape[axes[axis]]) break;
      source -= strides[axes[axis]] * static_cast<size_t>(shape[axes[axis]]);
      at[axis] = 0;
    }
  }
  return result;
}

}  // namespace bakeoff::core
