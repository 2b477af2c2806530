// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// PNG through libspng: every colour type and depth, and the encoder for tests and contact sheets.
#include <spng.h>

#include <cstdlib>
#include <memory>

#include "data/codecs.h"

namespace bakeoff::data {
namespace {

// Text and profile chunks may be compressed; more than this in one file is no picture's need.
constexpr size_t kMostChunkBytes = size_t{16} << 20;
constexpr uint32_t kMostSide = 1u << 20;

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

void Check(int status) {
  if (status != 0) throw BadImage(std::string("broken PNG: ") + spng_strerror(status));
}

Context Open(ByteSpan bytes) {
  Context context(spng_ctx_new(0));
  if (!context) throw Error(ErrorCode::kUnavailable, "out of memory");
  Check(spng_set_image_limits(context.get(), kMostSide, kMostSide));
  Check(spng_set_chunk_limits(context.get(), kMostChunkBytes, kMostChunkBytes));
  // A damaged chunk makes the file broken; the default would be lenient with some.
  Check(spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD));
  Check(spng_set_png_buffer(context.get(), bytes.data(), bytes.size()));
  return context;
}

}  // namespace

ImageHeader PngHeader(ByteSpan bytes) {
  const Context context = Open(bytes);
  spng_ihdr head;
  Check(spng_get_ihdr(context.get(), &head));
  ImageHeader header{ImageFormat::kPng, static_cast<int>(head.width), static_cast<int>(head.height), 1};
  // The rest up to the pixels is read only for the orientation: trouble there is the decoder's to report.
  spng_exif exif;
  if (spng_get_exif(context.get(), &exif) == 0) {
    header.orientation = ExifOrientation({reinterpret_cast<const uint8_t*>(exif.data), exif.length});
  }
  return header;
}

void DecodePng(ByteSpan bytes, const ImageHeader& header, Image& out) {
  const Context context = Open(bytes);
  size_t size = 0;
  Check(spng_decoded_image_size(context.get(), SPNG_FMT_RGB8, &size));
  out.Resize(header.width, header.height);
  if (size != out.rgb.size()) throw BadImage("broken PNG: its size changes between header and pixels");
  // SPNG_FMT_RGB8 takes the high byte of 16-bit samples, spreads grey, looks up palettes and drops alpha.
  Check(spng_decode_image(context.get(), out.rgb.data(), size, SPNG_FMT_RGB8, 0));
  Check(spng_decode_chunks(context.get()));
}

Bytes EncodePng(const Image& image) {
  const Context context(spng_ctx_new(SPNG_CTX_ENCODER));
  spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr head{};
  head.width = static_cast<uint32_t>(image.width);
  head.height = static_cast<uint32_t>(image.height);
  head.bit_depth = 8;
  head.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  Check(spng_set_ihdr(context.get(), &head));
  Check(spng_encode_image(context.get(), image.rgb.data(), image.rgb.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE));
  size_t size = 0;
  int status = 0;
  const std::unique_ptr<void, void (*)(void*)> data(spng_get_png_buffer(context.get(), &size, &status), std::free);
  Check(status);
  const auto* begin = static_cast<const uint8_t*>(data.get());
  return Bytes(begin, begin + size);
}

}  // namespace bakeoff::data
