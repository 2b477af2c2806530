// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// EXIF orientation: reading the tag, and turning pictures upright.
#include <algorithm>
#include <utility>

#include "data/codecs.h"

namespace bakeoff::data {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kShort = 3;

struct Tiff {
  ByteSpan bytes;
  bool big_endian;

  // 0 beyond the end, which no caller takes for a valid answer.
  uint32_t Read(size_t at, size_t size) const {
    if (at > bytes.size() || bytes.size() - at < size) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + (big_endian ? i : size - 1 - i)];
    return value;
  }
};

}  // namespace

int ExifOrientation(ByteSpan bytes) {
  if (bytes.size() < 8 || bytes[0] != bytes[1] || (bytes[0] != 'I' && bytes[0] != 'M')) return 1;
  const Tiff tiff{bytes, bytes[0] == 'M'};
  if (tiff.Read(2, 2) != 42) return 1;
  const size_t directory = tiff.Read(4, 4);
  const size_t count = tiff.Read(directory, 2);
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > bytes.size()) break;
    if (tiff.Read(entry, 2) != kOrientationTag || tiff.Read(entry + 2, 2) != kShort) continue;
    const uint32_t value = tiff.Read(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// EXIF 2.3, 4.6.4: 2 mirrored, 3 turned by 180, 4 flipped, 5 transposed, 6 needs 90 clockwise, 7 transversed, 8 needs
// 90 counter-clockwise.
void Upright(int orientation, Image& image) {
  if (orientation <= 1 || orientation > 8) return;
  const int w = image.width, h = image.height;
  const bool swap = orientation >= 5;
  Image turned;
  turned.Resize(swap ? h : w, swap ? w : h);
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x) {
      int from_x = swap ? y : x, from_y = swap ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) from_x = w - 1 - from_x;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) from_y = h - 1 - from_y;
      std::copy_n(image.At(from_x, from_y), 3, turned.At(x, y));
    }
  }
  image = std::move(turned);
}

Box StoredBox(const ImageHeader& header, const Box& shown) {
  const int o = header.orientation;
  if (shown.empty() || o <= 1) return shown;
  Box box = o >= 5 ? Box{shown.y, shown.x, shown.height, shown.width} : shown;
  if (o == 2 || o == 3 || o == 7 || o == 8) box.x = header.width - box.x - box.width;
  if (o == 3 || o == 4 || o == 6 || o == 7) box.y = header.height - box.y - box.height;
  return box;
}

}  // namespace bakeoff::data
