// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Keys, varints and lengths of protobuf's wire format.
#include "core/wire_format.h"

namespace bakeoff::core {

std::optional<WireField> WireMessage::Next() {
  if (rest_.empty() || damaged_) return std::nullopt;
  const auto key = Varint();
  if (!key) return std::nullopt;
  WireField field;
  field.number = *key >> 3;
  switch (*key & 7) {
    case 0:
      if (const auto value = Varint()) return field.value = *value, field;
      return std::nullopt;
    case 1:
      return Take(8, field);
    case 2:
      if (const auto size = Varint()) return Take(*size, field);
      return std::nullopt;
    case 5:
      return Take(4, field);
    default:
      damaged_ = true;
      return std::nullopt;
  }
}

std::optional<uint64_t> WireMessage::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  damaged_ = true;
  return std::nullopt;
}

std::optional<WireField> WireMessage::Take(uint64_t size, WireField field) {
  if (size > rest_.size()) {
    damaged_ = true;
    return std::nullopt;
  }
  field.bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return field;
}

}  // namespace bakeoff::core
