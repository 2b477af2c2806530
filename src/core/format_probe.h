// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Cheap looks into containers that model formats use: names inside a zip file, top-level fields of a protobuf message.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff::core {

// Names in the central directory of a zip file, the first few thousand; nullopt when the directory is missing (no zip,
// or cut short).
std::optional<std::vector<std::string>> ZipNames(const std::filesystem::path& path);

// An entry of a zip file's directory, as it is stated there.
struct ZipEntry {
  std::string name;
  bool stored = false;                         // as it is, not compressed
  uint64_t bytes = 0, packed = 0, offset = 0;  // of the content, of what stands in the file for it, and where
};

// The whole directory, which may hold anything; nullopt as for ZipNames().
std::optional<std::vector<ZipEntry>> ZipDirectory(const std::filesystem::path& path);

// What the zip file's entry whose name ends in `ending` holds; nullopt where there is none, it is compressed, or larger
// than `most` bytes.
std::optional<std::string> ZipContent(const std::filesystem::path& path, std::string_view ending, size_t most);

// `count` bytes from `offset` on; fewer at the end of the file.
std::string BytesAt(const std::filesystem::path& path, uint64_t offset, uint64_t count);

struct ProtoField {
  uint32_t number = 0;
  uint32_t wire_type = 0;  // 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes
  uint64_t value = 0;      // of a varint; the length of wire type 2
  uint64_t offset = 0;     // of the content in the file
};

struct ProtoFields {
  std::vector<ProtoField> fields;
  bool whole = false;      // the fields fill the file exactly
  uint64_t cut_short = 0;  // bytes that the last field lacks at the end of the file
};

// Hops over the top-level fields without reading what they hold, at most `most` of them. What is no protobuf message
// ends early.
ProtoFields TopLevelFields(const std::filesystem::path& path, size_t most = 4096);

}  // namespace bakeoff::core
