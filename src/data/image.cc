// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Picks the decoder by content, checks the limits before anything is allocated, and turns the picture upright.
#include "data/image.h"

#include <fmt/format.h>

#include <cstring>

#include "core/text.h"
#include "data/codecs.h"

namespace bakeoff::data {
namespace {

bool StartsWith(ByteSpan bytes, std::string_view magic, size_t at = 0) {
  return bytes.size() >= at + magic.size() && std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

std::string WhatItIs(ByteSpan bytes) {
  if (bytes.empty()) return "the file is empty";
  if (StartsWith(bytes, "GIF8")) return "a GIF, which is not read; give JPEG, PNG, WebP or BMP";
  if (StartsWith(bytes, "II*") || StartsWith(bytes, std::string_view("MM\0*", 4)))
    return "a TIFF, which is not read; give JPEG, PNG, WebP or BMP";
  if (StartsWith(bytes, "<") || StartsWith(bytes, "\n<")) return "text (HTML or XML), not an image";
  if (StartsWith(bytes, "ftyp", 4)) return "an AVIF, HEIC or MP4 file, which is not read; give JPEG, PNG, WebP or BMP";
  return fmt::format("not a JPEG, PNG, WebP or BMP (it starts with {:02x})",
                     fmt::join(bytes.first(std::min<size_t>(bytes.size(), 8)), " "));
}

}  // namespace

std::string_view FormatName(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return "jpeg";
    case ImageFormat::kPng:
      return "png";
    case ImageFormat::kWebp:
      return "webp";
    case ImageFormat::kBmp:
      return "bmp";
  }
  return "";
}

std::optional<ImageFormat> Recognise(ByteSpan bytes) {
  if (StartsWith(bytes, "\xff\xd8\xff")) return ImageFormat::kJpeg;
  if (StartsWith(bytes, "\x89PNG\r\n\x1a\n")) return ImageFormat::kPng;
  if (StartsWith(bytes, "RIFF") && StartsWith(bytes, "WEBP", 8)) return ImageFormat::kWebp;
  if (StartsWith(bytes, "BM") && bytes.size() >= 18 && bytes[6] == 0 && bytes[7] == 0) return ImageFormat::kBmp;
  return std::nullopt;
}

std::optional<ImageFormat> FormatByName(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.find('/', dot) != std::string_view::npos) return std::nullopt;
  const std::string ending = core::Lower(name.substr(dot + 1));
  if (ending == "jpg" || ending == "jpeg" || ending == "jpe" || ending == "jfif") return ImageFormat::kJpeg;
  if (ending == "png") return ImageFormat::kPng;
  if (ending == "webp") return ImageFormat::kWebp;
  if (ending == "bmp" || ending == "dib") return ImageFormat::kBmp;
  return std::nullopt;
}

ImageHeader ReadHeader(ByteSpan bytes, const DecodeLimits& limits) {
  const auto format = Recognise(bytes);
  if (!format) throw BadImage(WhatItIs(bytes));
  ImageHeader header;
  switch (*format) {
    case ImageFormat::kJpeg:
      header = JpegHeader(bytes);
      break;
    case ImageFormat::kPng:
      header = PngHeader(bytes);
      break;
    case ImageFormat::kWebp:
      header = WebpHeader(bytes);
      break;
    case ImageFormat::kBmp:
      header = BmpHeader(bytes);
      break;
  }
  header.format = *format;
  if (header.width <= 0 || header.height <= 0) throw BadImage("the header says that the picture has no pixels");
  if (int64_t{header.width} * header.height > limits.max_pixels) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("{}x{} pixels are more than the limit of {} (--max-pixels raises it)", header.width,
                            header.height, limits.max_pixels));
  }
  return header;
}

void DecodeRegion(ByteSpan bytes, const ImageHeader& header, const Box& box, Image& out, const DecodeLimits& limits) {
  if (int64_t{header.width} * header.height > limits.max_pixels)
    throw Error(ErrorCode::kInternal, "the header was not checked");
  switch (header.format) {
    case ImageFormat::kJpeg:
      DecodeJpeg(bytes, header, StoredBox(header, box), out);
      break;
    case ImageFormat::kPng:
      DecodePng(bytes, header, out);
      break;
    case ImageFormat::kWebp:
      DecodeWebp(bytes, header, out);
      break;
    case ImageFormat::kBmp:
      DecodeBmp(bytes, header, out);
      break;
  }
  Upright(header.orientation, out);
}

void Decode(ByteSpan bytes, Image& out, const DecodeLimits& limits) {
  DecodeRegion(bytes, ReadHeader(bytes, limits), {}, out, limits);
}

}  // namespace bakeoff::data
