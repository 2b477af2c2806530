// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of the decoders: variants against Pillow's pixels, regions, orientation, and files that are broken in every
// way.
#include "data/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>

#include "bakeoff/error.h"
#include "data/codecs.h"
#include "data/image_samples.h"
#include "data/rng.h"

namespace bakeoff::data {

void PrintTo(const Sample& sample, std::ostream* out) {
  *out << sample.name;
}

namespace {

using testing::HasSubstr;

Bytes FromHex(std::string_view hex) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::strtol(std::string(hex.substr(i, 2)).c_str(), nullptr, 16)));
  }
  return bytes;
}

int LargestDifference(const Bytes& a, const Bytes& b) {
  if (a.size() != b.size()) return 256;
  int largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(int{a[i]} - int{b[i]}));
  return largest;
}

Image Noise(int width, int height, uint64_t seed) {
  Image image;
  image.Resize(width, height);
  Rng rng({seed});
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) image.At(x, y)[c] = static_cast<uint8_t>((x * (c + 1) + y * 2 + rng.Below(40)) & 255);
    }
  }
  return image;
}

std::string FailureOf(ByteSpan bytes, const DecodeLimits& limits = {}) {
  Image image;
  try {
    Decode(bytes, image, limits);
  } catch (const Error& error) {
    return error.text();
  }
  return "decoded";
}

class Samples : public testing::TestWithParam<Sample> {};

TEST_P(Samples, DecodesAsPillowDoes) {
  const Bytes file = FromHex(GetParam().file);
  Image image;
  Decode(file, image);
  EXPECT_EQ(image.width, GetParam().width);
  EXPECT_EQ(image.height, GetParam().height);
  // Pillow brings its own libjpeg-turbo and libwebp: versions may differ by one level.
  EXPECT_LE(LargestDifference(image.rgb, FromHex(GetParam().rgb)), 1);
}

TEST_P(Samples, EveryTruncationIsAnErrorOrTheWholePicture) {
  const Bytes file = FromHex(GetParam().file);
  Image whole;
  Decode(file, whole);
  size_t failures = 0;
  for (size_t size = 0; size < file.size(); ++size) {
    Image image;
    try {
      Decode(ByteSpan(file).first(size), image);
      // Bytes after the last pixel (end markers, metadata) may be missing without harm.
      EXPECT_EQ(image.rgb.size(), whole.rgb.size()) << size;
      EXPECT_GT(size, file.size() / 3) << "cut at " << size;
    } catch (const Error&) {
      ++failures;
    }
  }
  EXPECT_GT(failures, file.size() / 3);
}

TEST_P(Samples, FlippedBytesNeverCrash) {
  Bytes file = FromHex(GetParam().file);
  for (size_t at = 0; at < file.size(); ++at) {
    for (const uint8_t flip : {0x01, 0x80, 0xff}) {
      file[at] ^= flip;
      FailureOf(file, {.max_pixels = 1 << 20});
      file[at] ^= flip;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Image, Samples, testing::ValuesIn(kSamples),
                         [](const auto& sample) { return sample.param.name; });

TEST(Image, RegionOfAJpegIsExact) {
  const Image source = Noise(213, 157, 5);
  const Bytes file = EncodeJpeg(source, 85);
  Image whole, part;
  Decode(file, whole);
  const ImageHeader header = ReadHeader(file);
  Rng rng({9});
  for (int i = 0; i < 60; ++i) {
    Box box;
    box.x = static_cast<int>(rng.Below(200)), box.y = static_cast<int>(rng.Below(150));
    box.width = 1 + static_cast<int>(rng.Below(static_cast<uint64_t>(213 - box.x)));
    box.height = 1 + static_cast<int>(rng.Below(static_cast<uint64_t>(157 - box.y)));
    part.rgb.assign(part.rgb.size(), 0);
    DecodeRegion(file, header, box, part);
    for (int y = box.y; y < box.y + box.height; ++y) {
      ASSERT_TRUE(std::equal(part.At(box.x, y), part.At(box.x, y) + 3 * box.width, whole.At(box.x, y)))
          << box.x << "," << box.y << " " << box.width << "x" << box.height << " row " << y;
    }
  }
}

TEST(Image, EveryOrientationTurnsAndItsBoxFollows) {
  const Image stored = Noise(7, 5, 1);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    Image shown = stored;
    Upright(orientation, shown);
    const ImageHeader header{ImageFormat::kPng, 7, 5, orientation};
    ASSERT_EQ(shown.width, header.shown_width());
    ASSERT_EQ(shown.height, header.shown_height());
    for (int y = 0; y < shown.height; ++y) {
      for (int x = 0; x < shown.width; ++x) {
        const Box box = StoredBox(header, {x, y, 1, 1});
        EXPECT_TRUE(std::equal(shown.At(x, y), shown.At(x, y) + 3, stored.At(box.x, box.y))) << orientation;
      }
    }
  }
}

TEST(Image, PngKeepsEveryPixel) {
  const Image source = Noise(31, 17, 3);
  Image back;
  Decode(EncodePng(source), back);
  EXPECT_EQ(back.rgb, source.rgb);
}

TEST(Image, ForeignFilesAreNamed) {
  const auto failure = [](std::string_view text) {
    return FailureOf({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  };
  EXPECT_EQ(failure(""), "the file is empty");
  EXPECT_THAT(failure("GIF89a..."), HasSubstr("a GIF"));
  EXPECT_THAT(failure("<html><body>404</body>"), HasSubstr("HTML"));
  EXPECT_THAT(failure(std::string(64, '\0')), HasSubstr("starts with 00 00"));
}

TEST(Image, PixelBombIsRefusedFromItsHeaderAlone) {
  Bytes png = EncodePng(Noise(4, 4, 1));
  // A 16-bit BMP header that promises 30000 x 30000 pixels.
  Bytes bmp(70, 0);
  bmp[0] = 'B', bmp[1] = 'M', bmp[10] = 54, bmp[14] = 40, bmp[28] = 24;
  bmp[18] = bmp[22] = 0x30, bmp[19] = bmp[23] = 0x75;
  EXPECT_THAT(FailureOf(bmp), HasSubstr("30000x30000 pixels are more than the limit"));
  EXPECT_THAT(FailureOf(png, {.max_pixels = 15}), HasSubstr("4x4 pixels"));
  EXPECT_EQ(FailureOf(png, {.max_pixels = 16}), "decoded");
}

TEST(Image, ContentDecidesNotTheName) {
  EXPECT_EQ(FormatByName("a/b.JPG"), ImageFormat::kJpeg);
  EXPECT_EQ(FormatByName("a.png/readme"), std::nullopt);
  EXPECT_EQ(Recognise(EncodePng(Noise(2, 2, 1))), ImageFormat::kPng);
}

}  // namespace
}  // namespace bakeoff::data
