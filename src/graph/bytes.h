// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// An immutable run of bytes that may be shared: weights are passed along, never copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bakeoff::graph {

// Copies of a Bytes share the memory; it is freed (or unmapped) with the last of them.
class Bytes {
 public:
  Bytes() = default;
  // Take over the memory of the argument.
  static Bytes Own(std::string data);
  static Bytes Own(std::vector<std::byte> data);
  template <typename T>
  static Bytes OwnAs(std::vector<T> data) {
    auto owner = std::make_shared<const std::vector<T>>(std::move(data));
    const auto* start = reinterpret_cast<const std::byte*>(owner->data());
    const size_t size = owner->size() * sizeof(T);
    return Bytes(std::move(owner), start, size);
  }
  // The only function here that copies.
  static Bytes Copy(std::span<const std::byte> data);
  // Maps a range of a file for reading; pages come in when they are touched. Throws Error: kNotFound, kUnavailable,
  // kInvalidModel where the range lies outside the file.
  static Bytes Map(const std::filesystem::path& path, uint64_t offset, uint64_t size);

  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<const std::byte> span() const { return {data_, size_}; }

 private:
  Bytes(std::shared_ptr<const void> owner, const std::byte* data, size_t size)
      : owner_(std::move(owner)), data_(data), size_(size) {}

  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace bakeoff::graph
