// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Protobuf's wire format without protobuf: the fields of one message, one after the other, as views of its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bakeoff::core {

struct WireField {
  uint64_t number = 0;
  uint64_t value = 0;      // of a varint
  std::string_view bytes;  // of a length-delimited field, or the 4 or 8 bytes of a fixed-width one
};

// Never reads outside `data`, which must outlive the views. At the first broken byte it ends and is damaged().
class WireMessage {
 public:
  explicit WireMessage(std::string_view data) : rest_(data) {}

  std::optional<WireField> Next();
  // The next bytes as a varint, as in a packed list of numbers; nothing at the end.
  std::optional<uint64_t> Varint();
  bool AtEnd() const { return rest_.empty(); }
  bool damaged() const { return damaged_; }

 private:
  std::optional<WireField> Take(uint64_t size, WireField field);

  std::string_view rest_;
  bool damaged_ = false;
};

}  // namespace bakeoff::core
