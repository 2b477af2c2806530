// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Protobuf's wire format, as much as a GraphDef needs. No protobuf library: TensorFlow's own may not share a process
// with the one that reads ONNX, and weights shall go from the source's file to the result's without a message between.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bakeoff::to_savedmodel {

class Message {
 public:
  const std::string& bytes() const { return bytes_; }

  Message& Number(uint32_t field, int64_t value) {
    Tag(field, 0);
    Varint(static_cast<uint64_t>(value));
    return *this;
  }
  Message& Float(uint32_t field, float value) {
    Tag(field, 5);
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);  // little-endian, as the format and every machine of ours
    bytes_.append(raw, sizeof raw);
    return *this;
  }
  Message& Text(uint32_t field, std::string_view text) {
    Announce(field, text.size());
    bytes_ += text;
    return *this;
  }
  Message& Nested(uint32_t field, const Message& message) { return Text(field, message.bytes_); }
  // The head of a field whose `size` bytes are written later, behind this message.
  Message& Announce(uint32_t field, uint64_t size) {
    Tag(field, 2);
    Varint(size);
    return *this;
  }

 private:
  void Tag(uint32_t field, uint32_t wire_type) { Varint(field << 3 | wire_type); }
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

}  // namespace bakeoff::to_savedmodel
