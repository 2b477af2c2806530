// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The header of a .npy file is the text of a Python dictionary with three keys; nothing of it is trusted.
#include "core/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "bakeoff/error.h"
#include "core/elements.h"
#include "core/files.h"
#include "core/text.h"

namespace bakeoff::core {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct TypeRow {
  std::string_view code;  // without the byte order
  DType type;
};
constexpr std::array kTypes = {
    TypeRow{"f4", DType::kF32}, TypeRow{"f8", DType::kF64}, TypeRow{"f2", DType::kF16},
    TypeRow{"i1", DType::kI8},  TypeRow{"u1", DType::kU8},  TypeRow{"i2", DType::kI16},
    TypeRow{"i4", DType::kI32}, TypeRow{"i8", DType::kI64}, TypeRow{"b1", DType::kBool},
};

class Header {
 public:
  Header(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Error Bad(const std::string& why) const {
    return Error(ErrorCode::kUsage, fmt::format("{}: not a usable .npy file: {}", name_, why));
  }

  // What follows `'key':`, trimmed at the left.
  std::string_view After(std::string_view key) const {
    for (const char quote : {'\'', '"'}) {
      const std::string wanted = fmt::format("{}{}{}", quote, key, quote);
      const size_t at = text_.find(wanted);
      if (at == std::string_view::npos) continue;
      const std::string_view rest = Trim(text_.substr(at + wanted.size()));
      if (rest.starts_with(':')) return Trim(rest.substr(1));
    }
    throw Bad(fmt::format("its header has no '{}'", key));
  }

  std::string_view Text(std::string_view key) const {
    const std::string_view value = After(key);
    const size_t end = value.empty() ? std::string_view::npos : value.find(value.front(), 1);
    if (end == std::string_view::npos || (value.front() != '\'' && value.front() != '"')) {
      throw Bad(fmt::format("'{}' is no plain text (a structured type?)", key));
    }
    return value.substr(1, end - 1);
  }

  bool Truth(std::string_view key) const {
    const std::string_view value = After(key);
    if (value.starts_with("True")) return true;
    if (value.starts_with("False")) return false;
    throw Bad(fmt::format("'{}' is neither True nor False", key));
  }

  Shape Extents(std::string_view key) const {
    const std::string_view value = After(key);
    const size_t end = value.find(')');
    if (!value.starts_with('(') || end == std::string_view::npos) throw Bad(fmt::format("'{}' is no tuple", key));
    Shape shape;
    for (const std::string& part : Split(value.substr(1, end - 1), ',')) {
      if (part.empty()) continue;  // the comma of (3,)
      const auto extent = ParseInt(part);
      if (!extent || *extent < 0) throw Bad(fmt::format("'{}' in its shape is no extent", part));
      shape.push_back(*extent);
    }
    return shape;
  }

 private:
  std::string_view text_, name_;
};

void SwapBytes(std::vector<std::byte>& data, size_t size) {
  for (size_t at = 0; at + size <= data.size(); at += size)
    std::reverse(data.begin() + static_cast<std::ptrdiff_t>(at), data.begin() + static_cast<std::ptrdiff_t>(at + size));
}

}  // namespace

Array ParseNpy(std::string_view content, std::string_view name) {
  const Header outside("", name);
  if (!content.starts_with(kMagic) || content.size() < 10) throw outside.Bad("it does not start as one");
  const int major = static_cast<unsigned char>(content[6]);
  if (major < 1 || major > 3) throw outside.Bad(fmt::format("format version {} is not known", major));
  const size_t start = major == 1 ? 10 : 12;
  if (content.size() < start) throw outside.Bad("its header is cut short");
  size_t length = 0;
  for (size_t i = start; i-- > 8;) length = length << 8 | static_cast<unsigned char>(content[i]);
  if (length > content.size() - start) throw outside.Bad("its header is cut short");
  const Header header(content.substr(start, length), name);

  const std::string_view descr = header.Text("descr");
  const auto row = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& known) {
    return descr.size() == 3 && descr.substr(1) == known.code;
  });
  if (row == kTypes.end() || std::string_view("<>|=").find(descr.front()) == std::string_view::npos) {
    throw header.Bad(fmt::format("elements of type '{}'; usable are floats, integers up to 64 bits and bool", descr));
  }
  Array array{.type = row->type, .shape = header.Extents("shape"), .data = {}};
  const size_t size = DTypeSize(array.type);
  const std::string_view body = content.substr(start + length);
  // Compared in elements: a huge shape must not wrap around.
  uint64_t count = 0;
  try {
    count = static_cast<uint64_t>(ElementCount(array.shape));
  } catch (const Error& error) {
    throw header.Bad(error.text());
  }
  if (count > body.size() / size) {
    throw header.Bad(
        fmt::format("cut short: {} elements of {} bytes announced, {} bytes there", count, size, body.size()));
  }
  array.data.resize(static_cast<size_t>(count) * size);
  if (!array.data.empty()) std::memcpy(array.data.data(), body.data(), array.data.size());
  if (descr.front() == '>') SwapBytes(array.data, size);
  if (header.Truth("fortran_order") && array.shape.size() > 1) {
    // Column-major is row-major with the axes reversed.
    Shape reversed(array.shape.rbegin(), array.shape.rend());
    std::vector<size_t> axes(reversed.size());
    for (size_t i = 0; i < axes.size(); ++i) axes[i] = axes.size() - 1 - i;
    array.data = Transposed(array.data, reversed, axes, size);
  }
  return array;
}

Array ReadNpy(const std::filesystem::path& path) {
  return ParseNpy(ReadFile(path, size_t{8} << 30), path.string());
}

}  // namespace bakeoff::core
