// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One pair of functions per image format, behind data/image.h; and EXIF orientation.
#pragma once

#include "bakeoff/error.h"
#include "data/image.h"

namespace bakeoff::data {

// Header functions fill width, height and orientation and check nothing but the header's own sanity; the caller checks
// the limits. Decode functions are called only with a header that passed, and store the picture as it lies in the file.
// `box` is in stored coordinates; a decoder may ignore it.
ImageHeader JpegHeader(ByteSpan bytes);
void DecodeJpeg(ByteSpan bytes, const ImageHeader& header, const Box& box, Image& out);
ImageHeader PngHeader(ByteSpan bytes);
void DecodePng(ByteSpan bytes, const ImageHeader& header, Image& out);
ImageHeader WebpHeader(ByteSpan bytes);
void DecodeWebp(ByteSpan bytes, const ImageHeader& header, Image& out);
ImageHeader BmpHeader(ByteSpan bytes);
void DecodeBmp(ByteSpan bytes, const ImageHeader& header, Image& out);

// The orientation in a TIFF block as EXIF has it (without the "Exif\0\0" of JPEG); 1 where it says nothing or is
// broken.
int ExifOrientation(ByteSpan tiff);
// Turns a stored picture upright.
void Upright(int orientation, Image& image);
// Where a box of the upright picture lies in the stored one.
Box StoredBox(const ImageHeader& header, const Box& shown);

inline Error BadImage(const std::string& why) {
  return Error(ErrorCode::kUsage, why);
}

}  // namespace bakeoff::data
