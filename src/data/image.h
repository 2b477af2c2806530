// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Decoded images, and the decoders: JPEG, PNG, WebP and BMP, recognised by content, guarded against bombs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff::data {

using Bytes = std::vector<uint8_t>;
using ByteSpan = std::span<const uint8_t>;

// 8 bits per channel, R G B interleaved, no padding. Grey, palette, CMYK and 16-bit sources become this; alpha is
// dropped.
struct Image {
  int width = 0;
  int height = 0;
  Bytes rgb;

  void Resize(int w, int h) {
    width = w, height = h;
    rgb.resize(static_cast<size_t>(w) * static_cast<size_t>(h) * 3);
  }
  uint8_t* At(int x, int y) { return rgb.data() + (static_cast<size_t>(y) * width + x) * 3; }
  const uint8_t* At(int x, int y) const { return rgb.data() + (static_cast<size_t>(y) * width + x) * 3; }
};

// A rectangle of pixels. Empty means: everything.
struct Box {
  int x = 0, y = 0, width = 0, height = 0;
  bool empty() const { return width <= 0 || height <= 0; }
  bool operator==(const Box&) const = default;
};

enum class ImageFormat { kJpeg, kPng, kWebp, kBmp };
std::string_view FormatName(ImageFormat format);  // "jpeg", "png", "webp", "bmp"

// What the first bytes say; nullopt if they are none of ours. The file's name plays no part.
std::optional<ImageFormat> Recognise(ByteSpan bytes);
// What the file's ending promises; nullopt for an ending that is none of ours.
std::optional<ImageFormat> FormatByName(std::string_view name);

struct ImageHeader {
  ImageFormat format = ImageFormat::kJpeg;
  int width = 0;  // as stored, before the orientation is applied
  int height = 0;
  int orientation = 1;  // EXIF 1..8; 5..8 swap width and height

  int shown_width() const { return orientation >= 5 ? height : width; }
  int shown_height() const { return orientation >= 5 ? width : height; }
};

struct DecodeLimits {
  int64_t max_pixels = int64_t{1} << 26;  // 67 megapixels, 201 MB decoded
};

// Reads only the header; allocates nothing that depends on what it says. Throws Error{kUsage} for bytes that are no
// image or a broken header, Error{kUnsupported} for a variant that we do not read and for more pixels than the limit.
ImageHeader ReadHeader(ByteSpan bytes, const DecodeLimits& limits = {});

// The upright picture. A truncated or damaged file is an error, never a half-grey picture. Throws as ReadHeader().
// `out` may be used again and again: its memory is kept.
void Decode(ByteSpan bytes, Image& out, const DecodeLimits& limits = {});

// As Decode(), but only the pixels inside `box` (of the upright picture) need be valid; the others are unspecified.
// JPEG then skips most of the work outside; pixels inside are exactly those of Decode(). `out` still has the whole
// picture's size.
void DecodeRegion(ByteSpan bytes, const ImageHeader& header, const Box& box, Image& out,
                  const DecodeLimits& limits = {});

// Baseline JPEG, 4:2:0, of quality 1..100.
Bytes EncodeJpeg(const Image& image, int quality);
// Lossless, for tests and contact sheets.
Bytes EncodePng(const Image& image);

}  // namespace bakeoff::data
