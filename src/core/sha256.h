// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// SHA-256 (FIPS 180-4): the hash by which artifacts, data files and inputs are named in results.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bakeoff::core {

// Feed bytes in any number of pieces, then take the digest once.
class Sha256 {
 public:
  using Digest = std::array<uint8_t, 32>;

  Sha256();
  void Add(std::span<const uint8_t> bytes);
  void Add(std::string_view text) { Add({reinterpret_cast<const uint8_t*>(text.data()), text.size()}); }
  Digest Finish();

 private:
  void Blocks(const uint8_t* data, size_t count);

  std::array<uint32_t, 8> state_;
  std::array<uint8_t, 64> block_{};
  size_t used_ = 0;
  uint64_t total_ = 0;
};

// 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::span<const uint8_t> bytes);
std::string Sha256Hex(std::string_view text);
std::string Hex(std::span<const uint8_t> bytes);
// Of a file's contents, read in pieces. Throws Error{kNotFound} naming the path.
std::string Sha256OfFile(const std::string& path);

}  // namespace bakeoff::core
