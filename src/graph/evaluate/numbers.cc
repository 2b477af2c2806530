// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: conversions between stored and computed number types.
#include "graph/evaluate/numbers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace bakeoff::graph {
namespace {

template <typename Stored, typename To, typename Convert>
std::vector<To> Load(const Tensor& tensor, Convert convert) {
  std::vector<To> values(tensor.bytes.size() / sizeof(Stored));
  for (size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, tensor.bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = convert(stored);
  }
  return values;
}

template <typename Stored, typename To>
std::vector<To> Load(const Tensor& tensor) {
  return Load<Stored, To>(tensor, [](Stored stored) { return static_cast<To>(stored); });
}

template <typename Stored, typename From, typename Convert>
Tensor Store(ElementType type, std::vector<int64_t> dims, const std::vector<From>& values, Convert convert) {
  std::vector<Stored> stored(values.size());
  for (size_t i = 0; i < values.size(); ++i) stored[i] = convert(values[i]);
  Tensor tensor{.type = type, .dims = {}, .bytes = Bytes::OwnAs(std::move(stored)), .strings = {}};
  tensor.dims = std::move(dims);
  CheckTensor("an evaluated tensor", tensor);
  return tensor;
}

template <typename Stored>
Tensor StoreWhole(ElementType type, std::vector<int64_t> dims, const std::vector<int64_t>& values) {
  return Store<Stored>(type, std::move(dims), values, [](int64_t value) { return static_cast<Stored>(value); });
}

// The upper half of a float, rounded to nearest even.
uint16_t FloatToBrain(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace

float HalfToFloat(uint16_t half) {
  const int exponent = (half >> 10) & 0x1f, fraction = half & 0x3ff;
  float value = 0;
  if (exponent == 0x1f) {
    value = fraction ? std::nanf("") : INFINITY;
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    value = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  }
  return (half & 0x8000) ? -value : value;
}

uint16_t FloatToHalf(float value) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const float size = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  // 65520 lies halfway between the largest half and the next power of two.
  if (size >= 65520.0F) return sign | 0x7c00;
  int exponent = 0;
  std::frexp(size, &exponent);
  // The spacing of halves around this size; below 2^-14 they are evenly spaced. nearbyint() rounds ties to even.
  const int spacing = std::max(exponent - 11, -24);
  const float steps = std::nearbyint(std::ldexp(size, -spacing));
  const float rounded = std::ldexp(steps, spacing);
  if (rounded < 6.103515625e-05F) return sign | static_cast<uint16_t>(std::ldexp(rounded, 24));
  std::frexp(rounded, &exponent);
  return sign |
         static_cast<uint16_t>((exponent + 14) << 10 | (static_cast<int>(std::ldexp(rounded, 11 - exponent)) & 0x3ff));
}

bool IsReal(ElementType type) {
  return type == ElementType::kF32 || type == ElementType::kF64 || type == ElementType::kF16 ||
         type == ElementType::kBF16;
}

std::vector<double> Reals(const Call& call, const Tensor& tensor) {
  switch (tensor.type) {
    case ElementType::kF32:
      return Load<float, double>(tensor);
    case ElementType::kF64:
      return Load<double, double>(tensor);
    case ElementType::kF16:
      return Load<uint16_t, double>(tensor, [](uint16_t half) { return HalfToFloat(half); });
    case ElementType::kBF16:
      return Load<uint16_t, double>(
          tensor, [](uint16_t brain) { return std::bit_cast<float>(static_cast<uint32_t>(brain) << 16); });
    default: {
      const auto wholes = Wholes(call, tensor);
      return {wholes.begin(), wholes.end()};
    }
  }
}

std::vector<int64_t> Wholes(const Call& call, const Tensor& tensor) {
  switch (tensor.type) {
    case ElementType::kI64:
      return Load<int64_t, int64_t>(tensor);
    case ElementType::kI32:
      return Load<int32_t, int64_t>(tensor);
    case ElementType::kI16:
      return Load<int16_t, int64_t>(tensor);
    case ElementType::kI8:
      return Load<int8_t, int64_t>(tensor);
    case ElementType::kU8:
      return Load<uint8_t, int64_t>(tensor);
    case ElementType::kU16:
      return Load<uint16_t, int64_t>(tensor);
    case ElementType::kU32:
      return Load<uint32_t, int64_t>(tensor);
    case ElementType::kBool:
      return Load<uint8_t, int64_t>(tensor, [](uint8_t byte) { return int64_t{byte != 0}; });
    default:
      call.Unknown(std::string("elements of type ") + std::string(ElementTypeName(tensor.type)));
  }
}

Tensor FromReals(ElementType type, std::vector<int64_t> dims, const std::vector<double>& values) {
  switch (type) {
    case ElementType::kF64:
      return Store<double>(type, std::move(dims), values, [](double value) { return value; });
    case ElementType::kF16:
      return Store<uint16_t>(type, std::move(dims), values,
                             [](double value) { return FloatToHalf(static_cast<float>(value)); });
    case ElementType::kBF16:
      return Store<uint16_t>(type, std::move(dims), values,
                             [](double value) { return FloatToBrain(static_cast<float>(value)); });
    default:
      return Store<float>(ElementType::kF32, std::move(dims), values,
                          [](double value) { return static_cast<float>(value); });
  }
}

Tensor FromWholes(ElementType type, std::vector<int64_t> dims, const std::vector<int64_t>& values) {
  switch (type) {
    case ElementType::kI64:
      return StoreWhole<int64_t>(type, std::move(dims), values);
    case ElementType::kI32:
      return StoreWhole<int32_t>(type, std::move(dims), values);
    case ElementType::kI16:
      return StoreWhole<int16_t>(type, std::move(dims), values);
    case ElementType::kI8:
      return StoreWhole<int8_t>(type, std::move(dims), values);
    case ElementType::kU8:
      return StoreWhole<uint8_t>(type, std::move(dims), values);
    case ElementType::kU16:
      return StoreWhole<uint16_t>(type, std::move(dims), values);
    case ElementType::kU32:
      return StoreWhole<uint32_t>(type, std::move(dims), values);
    case ElementType::kBool:
      return Store<uint8_t>(type, std::move(dims), values, [](int64_t value) { return uint8_t{value != 0}; });
    default:
      throw Error(ErrorCode::kUnsupported, "whole numbers as " + std::string(ElementTypeName(type)));
  }
}

}  // namespace bakeoff::graph
