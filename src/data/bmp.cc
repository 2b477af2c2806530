// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// BMP: uncompressed 1, 4, 8, 16, 24 and 32 bits, palettes and bit fields, bottom-up and top-down.
#include <fmt/format.h>

#include <bit>

#include "data/codecs.h"

namespace bakeoff::data {
namespace {

constexpr size_t kFileHeader = 14;

struct Layout {
  int width = 0, height = 0;
  bool top_down = false;
  int bits = 0;
  size_t pixels = 0;  // offset of the first row
  size_t stride = 0;
  size_t palette = 0, palette_count = 0, palette_entry = 4;
  uint32_t mask[3] = {0, 0, 0};
};

uint32_t Read(ByteSpan bytes, size_t at, size_t size) {
  if (at > bytes.size() || bytes.size() - at < size) throw BadImage("broken BMP: cut short");
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

void ReadPalette(ByteSpan bytes, size_t info, bool old, Layout& layout) {
  const size_t most = size_t{1} << layout.bits;
  const size_t used = old ? 0 : Read(bytes, kFileHeader + 32, 4);
  layout.palette = kFileHeader + info;
  layout.palette_entry = old ? 3 : 4;
  layout.palette_count = used == 0 ? most : used;
  if (layout.palette_count > most) throw BadImage("broken BMP: its palette has more colours than its depth can name");
  Read(bytes, layout.palette + layout.palette_count * layout.palette_entry - 1, 1);
}

// Where things are, all checked against the file's size except the rows themselves.
Layout Parse(ByteSpan bytes) {
  const size_t info = Read(bytes, kFileHeader, 4);
  const bool old = info == 12;  // OS/2 1.x: 16-bit sizes, palette entries of three bytes
  if (!old && (info < 40 || info > 1024))
    throw Error(ErrorCode::kUnsupported, fmt::format("a BMP with a header of {} bytes", info));
  Layout layout;
  const auto width = old ? static_cast<int32_t>(Read(bytes, 18, 2)) : static_cast<int32_t>(Read(bytes, 18, 4));
  const auto height = old ? static_cast<int32_t>(Read(bytes, 20, 2)) : static_cast<int32_t>(Read(bytes, 22, 4));
  if (width <= 0 || height == 0 || height == INT32_MIN) throw BadImage("broken BMP: impossible size");
  layout.width = width;
  layout.height = height < 0 ? -height : height;
  layout.top_down = height < 0;
  layout.bits = static_cast<int>(Read(bytes, old ? 24 : 28, 2));
  const uint32_t compression = old ? 0 : Read(bytes, 30, 4);
  layout.pixels = Read(bytes, 10, 4);
  layout.stride = (static_cast<size_t>(width) * static_cast<size_t>(layout.bits) + 31) / 32 * 4;
  switch (layout.bits) {
    case 1:
    case 4:
    case 8:
      ReadPalette(bytes, info, old, layout);
      break;
    case 16:
      layout.mask[0] = 0x7c00, layout.mask[1] = 0x03e0, layout.mask[2] = 0x001f;
      break;
    case 24:
      break;
    case 32:
      layout.mask[0] = 0xff0000, layout.mask[1] = 0xff00, layout.mask[2] = 0xff;
      break;
    default:
      throw BadImage(fmt::format("broken BMP: {} bits per pixel", layout.bits));
  }
  if ((compression == 3 || compression == 6) && (layout.bits == 16 || layout.bits == 32)) {
    for (int c = 0; c < 3; ++c) layout.mask[c] = Read(bytes, kFileHeader + 40 + 4 * static_cast<size_t>(c), 4);
    for (const uint32_t mask : layout.mask) {
      if (mask == 0) throw BadImage("broken BMP: an empty colour mask");
    }
  } else if (compression != 0) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("a BMP with compression {} (run lengths or an embedded file)", compression));
  }
  return layout;
}

uint8_t Field(uint32_t value, uint32_t mask) {
  const int shift = std::countr_zero(mask);
  const uint64_t most = mask >> shift;
  return static_cast<uint8_t>(((value & mask) >> shift) * uint64_t{255} / most);
}

void DecodeRow(ByteSpan bytes, const Layout& layout, const uint8_t* row, uint8_t* rgb) {
  for (int x = 0; x < layout.width; ++x, rgb += 3) {
    if (layout.bits <= 8) {
      const int per_byte = 8 / layout.bits;
      const int shift = 8 - layout.bits * (x % per_byte + 1);
      const size_t index = static_cast<size_t>(row[x / per_byte] >> shift) & ((size_t{1} << layout.bits) - 1);
      if (index >= layout.palette_count) throw BadImage("broken BMP: a pixel names a colour that the palette lacks");
      const uint8_t* entry = bytes.data() + layout.palette + index * layout.palette_entry;
      rgb[0] = entry[2], rgb[1] = entry[1], rgb[2] = entry[0];
    } else if (layout.bits == 24) {
      const uint8_t* pixel = row + size_t{3} * static_cast<size_t>(x);
      rgb[0] = pixel[2], rgb[1] = pixel[1], rgb[2] = pixel[0];
    } else {
      const size_t size = static_cast<size_t>(layout.bits) / 8;
      uint32_t value = 0;
      for (size_t i = 0; i < size; ++i) value |= uint32_t{row[static_cast<size_t>(x) * size + i]} << (8 * i);
      for (int c = 0; c < 3; ++c) rgb[c] = Field(value, layout.mask[c]);
    }
  }
}

}  // namespace

ImageHeader BmpHeader(ByteSpan bytes) {
  const Layout layout = Parse(bytes);
  return {ImageFormat::kBmp, layout.width, layout.height, 1};
}

void DecodeBmp(ByteSpan bytes, const ImageHeader&, Image& out) {
  const Layout layout = Parse(bytes);
  // Width and height passed the pixel limit, so this product is far from overflow.
  if (layout.pixels > bytes.size() ||
      bytes.size() - layout.pixels < layout.stride * static_cast<size_t>(layout.height)) {
    throw BadImage("broken BMP: the pixels are cut short");
  }
  out.Resize(layout.width, layout.height);
  for (int y = 0; y < layout.height; ++y) {
    const size_t line = static_cast<size_t>(layout.top_down ? y : layout.height - 1 - y);
    DecodeRow(bytes, layout, bytes.data() + layout.pixels + line * layout.stride, out.At(0, y));
  }
}

}  // namespace bakeoff::data
