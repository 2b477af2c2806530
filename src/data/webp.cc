// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// WebP through libwebp: lossy and lossless still pictures.
#include <webp/decode.h>

#include <algorithm>
#include <cstring>

#include "data/codecs.h"

namespace bakeoff::data {
namespace {

uint32_t LittleEndian(ByteSpan bytes, size_t at) {
  return uint32_t{bytes[at]} | uint32_t{bytes[at + 1]} << 8 | uint32_t{bytes[at + 2]} << 16 |
         uint32_t{bytes[at + 3]} << 24;
}

// Walks the RIFF chunks (4 bytes name, 4 bytes size, contents padded to an even size) for EXIF.
int Orientation(ByteSpan bytes) {
  size_t at = 12;
  while (at + 8 <= bytes.size()) {
    const size_t size = LittleEndian(bytes, at + 4);
    if (size > bytes.size() - at - 8) break;
    if (std::memcmp(bytes.data() + at, "EXIF", 4) == 0) {
      ByteSpan exif = bytes.subspan(at + 8, size);
      // Some writers put JPEG's prefix in front.
      if (exif.size() > 6 && std::memcmp(exif.data(), "Exif\0\0", 6) == 0) exif = exif.subspan(6);
      return ExifOrientation(exif);
    }
    at += 8 + size + (size & 1);
  }
  return 1;
}

}  // namespace

ImageHeader WebpHeader(ByteSpan bytes) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(bytes.data(), bytes.size(), &features);
  if (status != VP8_STATUS_OK) {
    throw BadImage(status == VP8_STATUS_NOT_ENOUGH_DATA ? "broken WebP: the header is cut short"
                                                        : "broken WebP: bad header");
  }
  if (features.has_animation) throw Error(ErrorCode::kUnsupported, "an animated WebP; give still pictures");
  return {ImageFormat::kWebp, features.width, features.height, Orientation(bytes)};
}

void DecodeWebp(ByteSpan bytes, const ImageHeader& header, Image& out) {
  out.Resize(header.width, header.height);
  if (!WebPDecodeRGBInto(bytes.data(), bytes.size(), out.rgb.data(), out.rgb.size(), header.width * 3)) {
    throw BadImage("broken WebP: truncated or damaged");
  }
}

}  // namespace bakeoff::data
