// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads of a few bytes at the places that matter; every length is checked against the file's.
#include "core/format_probe.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;

class Bytes {
 public:
  explicit Bytes(const fs::path& path) : file_(path, std::ios::binary) {
    file_.seekg(0, std::ios::end);
    size_ = file_ ? static_cast<uint64_t>(file_.tellg()) : 0;
  }
  uint64_t size() const { return size_; }
  // Fewer bytes at the end of the file.
  std::string At(uint64_t offset, uint64_t count) {
    if (offset >= size_) return {};
    std::string bytes(std::min(count, size_ - offset), '\0');
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(std::max<std::streamsize>(file_.gcount(), 0)));
    return bytes;
  }

 private:
  std::ifstream file_;
  uint64_t size_ = 0;
};

uint64_t Little(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count && at + i < bytes.size(); ++i)
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

// One varint at `at`, which moves behind it.
std::optional<uint64_t> Varint(std::string_view bytes, size_t& at) {
  uint64_t value = 0;
  for (size_t shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

// The sizes and the place of an entry that has them in the extra field of zip64, in this order and only those that are
// all ones in the fields before it.
void TakeWide(std::string_view extra, ZipEntry& entry) {
  for (size_t at = 0; at + 4 <= extra.size(); at += 4 + Little(extra, at + 2, 2)) {
    if (Little(extra, at, 2) != 1) continue;
    size_t next = at + 4;
    for (uint64_t* field : {&entry.bytes, &entry.packed, &entry.offset}) {
      if (*field != 0xFFFFFFFF || next + 8 > extra.size()) continue;
      *field = Little(extra, next, 8);
      next += 8;
    }
    return;
  }
}

std::optional<std::vector<ZipEntry>> ZipEntries(Bytes& file, uint64_t most_directory = 1 << 20) {
  // The end record (22 bytes and a comment of at most 64 KiB) tells where the directory is; its zip64 form stands
  // before it.
  constexpr uint64_t kEndBytes = 22, kMostComment = 0xFFFF, kLocatorBytes = 20;
  const uint64_t tail_at = file.size() - std::min(file.size(), kEndBytes + kMostComment + kLocatorBytes);
  const std::string tail = file.At(tail_at, file.size());
  const size_t end = tail.rfind("PK\x05\x06");
  if (end == std::string::npos || tail.size() - end < kEndBytes) return std::nullopt;
  uint64_t bytes = Little(tail, end + 12, 4), at = Little(tail, end + 16, 4);
  if (end >= kLocatorBytes && tail.compare(end - kLocatorBytes, 4, "PK\x06\x07") == 0) {
    const std::string wide = file.At(Little(tail, end - kLocatorBytes + 8, 8), 56);
    if (wide.size() == 56 && wide.starts_with("PK\x06\x06")) {
      bytes = Little(wide, 40, 8);
      at = Little(wide, 48, 8);
    }
  }
  const std::string directory = file.At(at, std::min(bytes, most_directory));
  std::vector<ZipEntry> entries;
  for (size_t next = 0; next + 46 <= directory.size() && directory.compare(next, 4, "PK\x01\x02") == 0;) {
    const size_t name = Little(directory, next + 28, 2), extra = Little(directory, next + 30, 2),
                 comment = Little(directory, next + 32, 2);
    ZipEntry entry{.name = directory.substr(next + 46, name),
                   .stored = Little(directory, next + 10, 2) == 0,
                   .bytes = Little(directory, next + 24, 4),
                   .packed = Little(directory, next + 20, 4),
                   .offset = Little(directory, next + 42, 4)};
    TakeWide(std::string_view(directory).substr(std::min(directory.size(), next + 46 + name), extra), entry);
    entries.push_back(std::move(entry));
    next += 46 + name + extra + comment;
  }
  return entries;
}

}  // namespace

std::optional<std::vector<std::string>> ZipNames(const fs::path& path) {
  Bytes file(path);
  const auto entries = ZipEntries(file);
  if (!entries) return std::nullopt;
  std::vector<std::string> names;
  names.reserve(entries->size());
  for (const ZipEntry& entry : *entries) names.push_back(entry.name);
  return names;
}

std::optional<std::vector<ZipEntry>> ZipDirectory(const fs::path& path) {
  Bytes file(path);
  return ZipEntries(file, file.size());
}

std::optional<std::string> ZipContent(const fs::path& path, std::string_view ending, size_t most) {
  constexpr uint64_t kHeadBytes = 30;  // and the name, and what the writer adds to it
  Bytes file(path);
  const auto entries = ZipEntries(file);
  if (!entries) return std::nullopt;
  for (const ZipEntry& entry : *entries) {
    if (!entry.name.ends_with(ending) || !entry.stored || entry.bytes > most) continue;
    const std::string head = file.At(entry.offset, kHeadBytes);
    if (head.size() != kHeadBytes || !head.starts_with("PK\x03\x04")) return std::nullopt;
    std::string content = file.At(entry.offset + kHeadBytes + Little(head, 26, 2) + Little(head, 28, 2), entry.bytes);
    if (content.size() == entry.bytes) return content;
  }
  return std::nullopt;
}

std::string BytesAt(const fs::path& path, uint64_t offset, uint64_t count) {
  return Bytes(path).At(offset, count);
}

ProtoFields TopLevelFields(const fs::path& path, size_t most) {
  Bytes file(path);
  ProtoFields result;
  uint64_t at = 0;
  while (at < file.size() && result.fields.size() < most) {
    const std::string bytes = file.At(at, 20);  // a key and a varint take at most ten bytes each
    size_t used = 0;
    const auto key = Varint(bytes, used);
    if (!key || *key >> 3 == 0 || *key >> 3 > 0x1FFFFFFF) return result;
    ProtoField field{static_cast<uint32_t>(*key >> 3), static_cast<uint32_t>(*key & 7), 0, 0};
    uint64_t content = 0;
    if (field.wire_type == 0 || field.wire_type == 2) {
      const auto value = Varint(bytes, used);
      if (!value) return result;
      field.value = *value;
      content = field.wire_type == 2 ? *value : 0;
    } else if (field.wire_type == 1 || field.wire_type == 5) {
      content = field.wire_type == 1 ? 8 : 4;
    } else {
      return result;
    }
    field.offset = at + used;
    result.fields.push_back(field);
    if (content > file.size() - std::min(file.size(), field.offset)) {
      result.cut_short = content - (file.size() - std::min(file.size(), field.offset));
      return result;
    }
    at = field.offset + content;
  }
  result.whole = at == file.size();
  return result;
}

}  // namespace bakeoff::core
