// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// JPEG through libjpeg-turbo: whole pictures or a region, grey, YCbCr, RGB, CMYK and YCCK.
#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
// jpeglib.h needs <cstdio>, jerror.h needs jpeglib.h.
#include <jpeglib.h>
// clang-format keeps this order only across comments.
#include <jerror.h>

#include "data/codecs.h"

namespace bakeoff::data {
namespace {

// A progressive file of a few kilobytes may hold thousands of scans over a huge picture. Real encoders write about ten.
constexpr int kMostScans = 100;
// Fancy upsampling looks at the neighbours; one more MCU (at most 32 pixels wide) on each side makes the region exact.
constexpr int kMargin = 32;

// libjpeg reports by callback and must not return from error_exit; we jump and throw afterwards, over no C++ objects.
struct Trouble {
  jpeg_error_mgr base;
  jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
  bool damaged;  // a warning said that pixels were made up
};

void OnError(j_common_ptr info) {
  auto* trouble = reinterpret_cast<Trouble*>(info->err);
  info->err->format_message(info, trouble->text);
  longjmp(trouble->jump, 1);
}

void OnMessage(j_common_ptr info, int level) {
  if (level >= 0) return;
  auto* trouble = reinterpret_cast<Trouble*>(info->err);
  switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:  // padding between segments, odd but harmless markers: the pixels are whole
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
      return;
    default:
      if (!trouble->damaged) info->err->format_message(info, trouble->text);
      trouble->damaged = true;
  }
}

void OnProgress(j_common_ptr info) {
  const auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
  if (decoder->input_scan_number > kMostScans) {
    auto* trouble = reinterpret_cast<Trouble*>(info->err);
    std::snprintf(trouble->text, sizeof(trouble->text), "more than %d scans", kMostScans);
    longjmp(trouble->jump, 1);
  }
}

struct Decoder {
  jpeg_decompress_struct info{};
  Trouble trouble{};
  jpeg_progress_mgr progress{};

  Decoder() {
    info.err = jpeg_std_error(&trouble.base);
    trouble.base.error_exit = OnError;
    trouble.base.emit_message = OnMessage;
    progress.progress_monitor = OnProgress;
  }
  ~Decoder() { jpeg_destroy_decompress(&info); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  Error Failure() const { return BadImage(std::string("broken JPEG: ") + trouble.text); }
};

// The Exif block among the saved APP1 markers.
int Orientation(const jpeg_decompress_struct& info) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  for (const auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const ByteSpan data(marker->data, marker->data_length);
    if (data.size() > kExif.size() && std::memcmp(data.data(), kExif.data(), kExif.size()) == 0) {
      return ExifOrientation(data.subspan(kExif.size()));
    }
  }
  return 1;
}

// In place of one row of C M Y K: what is left of white after the ink, x * y / 255 rounded.
void FromCmyk(const uint8_t* cmyk, int width, bool inverted, uint8_t* rgb) {
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const int black = inverted ? cmyk[3] : 255 - cmyk[3];
    for (int c = 0; c < 3; ++c) {
      const int ink = inverted ? 255 - cmyk[c] : cmyk[c];
      const int product = ink * black + 128;
      rgb[c] = static_cast<uint8_t>(std::max(0, black - ((product + (product >> 8)) >> 8)));
    }
  }
}

// Everything between the two setjmp calls below is plain C: no destructor may be jumped over.
bool ReadStart(Decoder& d, ByteSpan bytes) {
  if (setjmp(d.trouble.jump)) return false;
  jpeg_create_decompress(&d.info);
  d.info.progress = &d.progress;
  jpeg_mem_src(&d.info, bytes.data(), bytes.size());
  jpeg_save_markers(&d.info, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&d.info, TRUE);
  return true;
}

bool ReadRows(Decoder& d, const Box& box, Image& out, uint8_t* line) {
  if (setjmp(d.trouble.jump)) return false;
  const bool cmyk = d.info.jpeg_color_space == JCS_CMYK || d.info.jpeg_color_space == JCS_YCCK;
  d.info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  d.info.dct_method = JDCT_ISLOW;  // what Pillow decodes with; the "fast" one is less exact and hardly faster
  jpeg_start_decompress(&d.info);
  JDIMENSION first = 0, width = d.info.output_width;
  int top = 0, bottom = out.height;
  // Cropping and skipping is worth it, and well defined, where the file is read in one pass.
  if (!box.empty() && !d.info.progressive_mode && !cmyk && !d.info.buffered_image) {
    const int left = std::max(0, box.x - kMargin), right = std::min(out.width, box.x + box.width + kMargin);
    if (right - left < out.width) {
      first = static_cast<JDIMENSION>(left), width = static_cast<JDIMENSION>(right - left);
      jpeg_crop_scanline(&d.info, &first, &width);
    }
    top = std::max(0, box.y), bottom = std::min(out.height, box.y + box.height);
  }
  if (top > 0) jpeg_skip_scanlines(&d.info, static_cast<JDIMENSION>(top));
  while (static_cast<int>(d.info.output_scanline) < bottom) {
    uint8_t* row = out.At(static_cast<int>(first), static_cast<int>(d.info.output_scanline));
    uint8_t* target = cmyk ? line : row;
    jpeg_read_scanlines(&d.info, &target, 1);
    if (cmyk) FromCmyk(line, out.width, d.info.saw_Adobe_marker, row);
  }
  if (bottom == out.height) {
    jpeg_finish_decompress(&d.info);
  } else {
    jpeg_abort_decompress(&d.info);
  }
  return true;
}

}  // namespace

ImageHeader JpegHeader(ByteSpan bytes) {
  Decoder decoder;
  if (!ReadStart(decoder, bytes)) throw decoder.Failure();
  return {ImageFormat::kJpeg, static_cast<int>(decoder.info.image_width), static_cast<int>(decoder.info.image_height),
          Orientation(decoder.info)};
}

void DecodeJpeg(ByteSpan bytes, const ImageHeader& header, const Box& box, Image& out) {
  Decoder decoder;
  if (!ReadStart(decoder, bytes)) throw decoder.Failure();
  out.Resize(header.width, header.height);
  Bytes line(decoder.info.num_components == 4 ? static_cast<size_t>(header.width) * 4 : 0);
  if (!ReadRows(decoder, box, out, line.data()) || decoder.trouble.damaged) throw decoder.Failure();
}

namespace {

struct Encoder {
  jpeg_compress_struct info{};
  Trouble trouble{};
  unsigned char* data = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's type

  Encoder() {
    info.err = jpeg_std_error(&trouble.base);
    trouble.base.error_exit = OnError;
    trouble.base.emit_message = OnMessage;
  }
  ~Encoder() {
    jpeg_destroy_compress(&info);
    std::free(data);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
};

bool WriteAll(Encoder& e, const Image& image, int quality) {
  if (setjmp(e.trouble.jump)) return false;
  jpeg_create_compress(&e.info);
  jpeg_mem_dest(&e.info, &e.data, &e.size);
  e.info.image_width = static_cast<JDIMENSION>(image.width);
  e.info.image_height = static_cast<JDIMENSION>(image.height);
  e.info.input_components = 3;
  e.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&e.info);
  jpeg_set_quality(&e.info, quality, TRUE);
  jpeg_start_compress(&e.info, TRUE);
  for (int y = 0; y < image.height; ++y) {
    auto* row = const_cast<uint8_t*>(image.At(0, y));
    jpeg_write_scanlines(&e.info, &row, 1);
  }
  jpeg_finish_compress(&e.info);
  return true;
}

}  // namespace

Bytes EncodeJpeg(const Image& image, int quality) {
  Encoder encoder;
  if (!WriteAll(encoder, image, quality))
    throw Error(ErrorCode::kInternal, std::string("writing a JPEG: ") + encoder.trouble.text);
  return Bytes(encoder.data, encoder.data + encoder.size);
}

}  // namespace bakeoff::data
