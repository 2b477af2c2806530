// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of pre-processing against Pillow: results are equal, not merely close, so most are compared by their hash.
//
// The golden values come from Pillow 13.0 in Python, with pictures of the same formula: numpy makes the array,
// Image.resize(size, BILINEAR or BICUBIC) resizes, sizes are torchvision's (short side s: int(s * long / short); crop
// offsets int(round((w - cw) / 2.0)); smaller pictures are pasted on black first), and hashlib.sha256 of the result's
// bytes is printed.
#include "data/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "bakeoff/error.h"
#include "core/sha256.h"

namespace bakeoff::data {
namespace {

using testing::HasSubstr;

Image Picture(int width, int height) {
  Image image;
  image.Resize(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) image.At(x, y)[c] = static_cast<uint8_t>(x * 7 + y * 13 + c * 50 + (x * y) % 31 * 5);
    }
  }
  return image;
}

struct Golden {
  int width, height;
  Preprocess::Mode mode;
  int a, b;
  Filter filter;
  int crop_width, crop_height;
  const char* sha256;
};

constexpr Golden kGolden[] = {
    {500, 375, Preprocess::Mode::kShortSide, 256, 0, Filter::kBilinear, 224, 224,
     "26f19ee397fba22d1f36c99eb47a3c2ec17668bf24c9e247df831e61fe9dcdcc"},
    {375, 500, Preprocess::Mode::kShortSide, 256, 0, Filter::kBicubic, 224, 224,
     "a4ede3d37bb0663e687a26bca4a9b647851f20a13237ca8a09dac371bb96470d"},
    {37, 53, Preprocess::Mode::kExact, 224, 200, Filter::kBicubic, 0, 0,
     "d401315e88fb3da587a1cdede421a881deef3af8c3ecfe9f2da5241a6d61d55f"},
    {1000, 300, Preprocess::Mode::kShortSide, 96, 0, Filter::kBilinear, 80, 80,
     "12627b4dbda994075c7e6fe5793aca9547d268fffe2f18f78b7f33dcfb904f85"},
    {640, 480, Preprocess::Mode::kExact, 32, 32, Filter::kBilinear, 0, 0,
     "81ff8e6e7d3b979683d30bf45c5a7a683f5705a03c1cc3055a6da248ae67f61a"},
    {10, 11, Preprocess::Mode::kNone, 0, 0, Filter::kBilinear, 16, 9,
     "884254ef064d7a057ba10bbbf3b8e13d39073572969c8e9ca6da0650247ff3cf"},
    {3, 3, Preprocess::Mode::kExact, 64, 1, Filter::kBilinear, 0, 0,
     "fae15b14d2b0363fbec9163ee9ae8b55a5e91efee778fb2c008bf9d4e759a00d"},
    {1, 700, Preprocess::Mode::kShortSide, 4, 0, Filter::kBicubic, 7, 40,
     "ad83349d0d12d6f49fb9f2b0cdf24e190f71bb2dc8db2df536f1f7e68b9db615"},
    {101, 77, Preprocess::Mode::kShortSide, 90, 0, Filter::kBilinear, 120, 64,
     "ce70ebbcc8f24d2de4b5f35f2101f60524ec7bd818d97f94e568f115bb279b1d"},
};

Preprocess PipelineOf(const Golden& g) {
  Preprocess p;
  p.mode = g.mode, p.resize_width = g.a, p.resize_height = g.b, p.filter = g.filter;
  p.crop_width = g.crop_width, p.crop_height = g.crop_height;
  return p;
}

TEST(Preprocess, EqualsPillowBitForBit) {
  for (const Golden& g : kGolden) {
    Image out;
    Preprocessor(PipelineOf(g)).ApplyToPixels(Picture(g.width, g.height), out);
    EXPECT_EQ(core::Sha256Hex(out.rgb), g.sha256) << g.width << "x" << g.height;
  }
}

TEST(Preprocess, SmallResultsEqualPillows) {
  Resizer resizer;
  Image out;
  resizer.Run(Picture(20, 15), {0, 0, 20, 15}, 4, 3, Filter::kBilinear, {0, 0, 4, 3}, out);
  EXPECT_EQ(out.rgb, (Bytes{77,  122, 152, 131, 146, 134, 148, 134, 107, 145, 130, 101, 142, 148, 128, 140, 119, 93,
                            128, 103, 103, 106, 99,  128, 130, 121, 100, 106, 96,  122, 98,  109, 156, 97,  138, 171}));
  resizer.Run(Picture(6, 5), {0, 0, 6, 5}, 4, 3, Filter::kBicubic, {0, 0, 4, 3}, out);
  EXPECT_EQ(out.rgb, (Bytes{7,  57,  107, 20,  70,  120, 33, 83,  133, 46, 96,  146, 31,  81,  131, 55,  105, 155,
                            82, 132, 185, 106, 156, 216, 55, 105, 155, 91, 141, 197, 130, 180, 180, 166, 216, 110}));
}

TEST(Preprocess, ACutPartIsResizedAsIfItWereThePicture) {
  Image out;
  Resizer().Run(Picture(200, 150), {31, 17, 90, 101}, 64, 64, Filter::kBilinear, {0, 0, 64, 64}, out);
  EXPECT_EQ(core::Sha256Hex(out.rgb), "56b2d436591e04022404bb102cfb6ce38c226275c457e2cea898b50fb9abf511");
}

TEST(Preprocess, WideLoopsEqualThePortableOnes) {
  if (&BestKernels() == &kPortableKernels) GTEST_SKIP() << "this machine has only the portable loops";
  Rng rng({4});
  for (int round = 0; round < 40; ++round) {
    const int in = 1 + static_cast<int>(rng.Below(300)), to = 1 + static_cast<int>(rng.Below(200));
    const ResizeAxis axis = MakeAxis(in, to, round % 2 ? Filter::kBicubic : Filter::kBilinear);
    const size_t stride = 64;
    Bytes source(static_cast<size_t>(in) * stride + 64);
    for (uint8_t& sample : source) sample = rng.Chance(0.3) ? 255 : static_cast<uint8_t>(rng.Below(256));
    // As many rows as there are, each begun a few bytes later.
    const uint8_t* together[kRowsTogether];
    for (int r = 0; r < kRowsTogether; ++r) together[r] = source.data() + r;
    const int count = 1 + round % kRowsTogether;
    const size_t bytes = static_cast<size_t>(to) * 3, apart = bytes + 1;
    Bytes a(apart * kRowsTogether + 16, 77), b = a;
    BestKernels().horizontal(together, count, axis, 0, to, a.data(), apart);
    kPortableKernels.horizontal(together, count, axis, 0, to, b.data(), apart);
    for (int r = 0; r < count; ++r) {
      const auto at = static_cast<ptrdiff_t>(apart * static_cast<size_t>(r));
      ASSERT_TRUE(std::equal(a.begin() + at, a.begin() + at + static_cast<ptrdiff_t>(bytes), b.begin() + at))
          << in << " to " << to << ", row " << r;
    }
    EXPECT_TRUE(std::all_of(a.begin() + static_cast<ptrdiff_t>(apart) * count, a.end(),
                            [](uint8_t byte) { return byte == 77; }));
    for (int i = 0; i < to; ++i) {
      uint8_t wide[64] = {}, plain[64] = {};
      const uint8_t* rows = source.data() + static_cast<size_t>(axis.first[i]) * stride;
      BestKernels().vertical(rows, stride, axis, i, 48, wide);
      kPortableKernels.vertical(rows, stride, axis, i, 48, plain);
      ASSERT_TRUE(std::equal(wide, wide + 48, plain));
    }
  }
}

TEST(Preprocess, AFileGivesWhatItsPictureGives) {
  const Bytes file = EncodeJpeg(Picture(317, 211), 90);
  Image picture;
  Decode(file, picture);
  for (const Golden& g : kGolden) {
    const Preprocess pipeline = PipelineOf(g);
    Preprocessor preprocessor(pipeline);
    std::vector<float> a(pipeline.values()), b(a);
    preprocessor.Apply(picture, a.data());
    preprocessor.ApplyToFile(file, b.data());
    EXPECT_EQ(a, b);
  }
}

TEST(Preprocess, LayoutColourOrderAndStatistics) {
  Image image;
  image.Resize(1, 2);
  image.rgb = {255, 0, 51, 10, 20, 30};
  Preprocess p;
  p.mode = Preprocess::Mode::kExact, p.resize_width = 1, p.resize_height = 2, p.crop_width = p.crop_height = 0;
  std::vector<float> out(6);
  Preprocessor(p).Apply(image, out.data());
  // (255/255 - 0.485) / 0.229 and so on, as ToTensor and Normalize give.
  EXPECT_FLOAT_EQ(out[0], 2.2489083f);
  EXPECT_FLOAT_EQ(out[2], -2.0357144f);
  EXPECT_FLOAT_EQ(out[4], (0.2f - 0.406f) / 0.225f);
  p.mean = {0, 0, 0}, p.std = {1, 1, 1}, p.scale = 1, p.bgr = true, p.channels_last = true;
  Preprocessor(p).Apply(image, out.data());
  EXPECT_THAT(out, testing::ElementsAre(51, 0, 255, 30, 20, 10));
  EXPECT_EQ(p.shape(4), (Shape{4, 2, 1, 3}));
}

TEST(Preprocess, JsonKeepsEveryField) {
  for (const Golden& g : kGolden) {
    Preprocess p = PipelineOf(g);
    if (p.mode != Preprocess::Mode::kExact) p.resize_height = p.resize_width;
    if (p.mode == Preprocess::Mode::kNone) p.resize_width = p.resize_height = Preprocess().resize_width;
    p.bgr = true, p.channels_last = g.width > 50, p.mean = {0.1, 0.2, 0.3};
    EXPECT_EQ(Preprocess::FromJson(p.ToJson()), p) << p.ToJson();
    EXPECT_EQ(Preprocess::FromJson(Json::parse(p.ToJson().dump())), p);
  }
  Augment a{.random_crop = true, .flip = 0.5, .hue = 0.1, .erase = 0.25};
  EXPECT_EQ(Augment::FromJson(a.ToJson()), a);
  EXPECT_EQ(Augment::FromJson(Json::object()), Augment());
}

std::string FailureOf(const char* json) {
  try {
    Preprocess::FromJson(Json::parse(json));
  } catch (const Error& error) {
    return error.text();
  }
  return "";
}

TEST(Preprocess, BadJsonNamesTheFieldFails) {
  EXPECT_THAT(FailureOf(R"({"resize": {"mode": "short_sid", "size": 5}})"),
              HasSubstr("preprocess.resize.mode: one of exact, none, short_side"));
  EXPECT_THAT(FailureOf(R"({"resize": {"mode": "exact", "size": 5}})"),
              HasSubstr("preprocess.resize.size: a list of 2 numbers"));
  EXPECT_THAT(FailureOf(R"({"center_corp": [1, 1]})"), HasSubstr("did you mean 'center_crop'?"));
  EXPECT_THAT(FailureOf(R"({"std": [1, 0, 1]})"), HasSubstr("preprocess.std"));
  EXPECT_THAT(FailureOf("[]"), HasSubstr("an object"));
  Preprocess open;
  open.crop_width = 0;
  EXPECT_THROW(open.width(), Error);
}

TEST(Augment, SameKeySameResultOtherKeyOther) {
  const Image picture = Picture(120, 90);
  Augment augment{.random_crop = true,
                  .flip = 0.5,
                  .brightness = 0.3,
                  .contrast = 0.3,
                  .saturation = 0.3,
                  .hue = 0.1,
                  .erase = 0.5};
  Preprocess pipeline = Preprocess::ForSide(64);
  Preprocessor one(pipeline), two(pipeline);
  std::vector<float> a(pipeline.values()), b(a), c(a);
  for (uint64_t index = 0; index < 20; ++index) {
    Rng first({1, 2, index}), second({1, 2, index}), other({1, 3, index});
    one.ApplyRandom(picture, augment, first, a.data());
    two.ApplyRandom(picture, augment, second, b.data());
    one.ApplyRandom(picture, augment, other, c.data());
    EXPECT_EQ(a, b);
    EXPECT_NE(a, c);
    for (const float value : a) ASSERT_TRUE(std::isfinite(value));
  }
}

TEST(Augment, RandomCropStaysInsideAndKeepsItsArea) {
  const Augment augment{.random_crop = true, .crop_area = {0.2, 0.5}};
  Rng rng({7});
  for (int i = 0; i < 300; ++i) {
    const Geometry g = RandomGeometry(augment, Preprocess::ForSide(64), 100, 80, rng);
    EXPECT_GE(g.from.x, 0);
    EXPECT_GE(g.from.y, 0);
    EXPECT_LE(g.from.x + g.from.width, 100);
    EXPECT_LE(g.from.y + g.from.height, 80);
    EXPECT_NEAR(g.from.width * g.from.height / 8000.0, 0.35, 0.17);
  }
  // A strip that no crop of this aspect fits: the fallback.
  const Geometry g = RandomGeometry({.random_crop = true, .crop_area = {1, 1}}, Preprocess::ForSide(64), 400, 10, rng);
  EXPECT_EQ(g.from.height, 10);
  EXPECT_EQ(g.from.width, 13);
}

TEST(Augment, FlipPadAndErase) {
  const Image picture = Picture(32, 32);
  Preprocess pipeline = Preprocess::ForSide(32);
  std::vector<float> out(pipeline.values()), plain = out;
  for (const bool channels_last : {true, false}) {
    Rng rng({1});
    pipeline.channels_last = channels_last;
    Preprocessor(pipeline).Apply(picture, plain.data());
    Preprocessor(pipeline).ApplyRandom(picture, {.flip = 1}, rng, out.data());
    for (size_t i = 0; i < out.size(); ++i) {
      const size_t x = channels_last ? i / 3 % 32 : i % 32, step = channels_last ? 3 : 1;
      ASSERT_EQ(out[i], plain[i - x * step + (31 - x) * step]);
    }
  }
  Preprocessor preprocessor(pipeline);
  Rng rng({3});
  int moved = 0, blank = 0;
  for (int i = 0; i < 50; ++i) {
    const Geometry g = RandomGeometry({.pad = 4}, pipeline, 32, 32, rng);
    EXPECT_LE(std::abs(g.keep.x), 4);
    moved += g.keep.x != 0;
    preprocessor.ApplyRandom(picture, {.erase = 1}, rng, out.data());
    blank += static_cast<int>(std::count(out.begin(), out.end(), 0.0f));
  }
  EXPECT_GT(moved, 30);
  EXPECT_GT(blank, 50 * 3 * 20);  // at least 2 % of 1024 pixels each time
}

TEST(Augment, ColourChangesKeepGreyGrey) {
  Image grey = Picture(16, 16);
  for (size_t i = 0; i < grey.rgb.size(); i += 3) grey.rgb[i + 1] = grey.rgb[i + 2] = grey.rgb[i];
  Rng rng({5});
  JitterColors({.saturation = 0.5, .hue = 0.5}, rng, grey);
  const Image before = Picture(16, 16);
  for (size_t i = 0; i < grey.rgb.size(); i += 3) {
    ASSERT_EQ(grey.rgb[i], before.rgb[i]);
    ASSERT_EQ(grey.rgb[i + 2], before.rgb[i]);
  }
}

TEST(Augment, HueTurnsRedToGreenAndBack) {
  // A turn of a third of the circle, reached exactly at the ends of the range only; check that values stay saturated in
  // between.
  Image red;
  red.Resize(1, 1);
  Rng rng({6});
  for (int i = 0; i < 50; ++i) {
    red.rgb = {200, 0, 0};
    JitterColors({.hue = 0.5}, rng, red);
    EXPECT_EQ(*std::max_element(red.rgb.begin(), red.rgb.end()), 200);
    EXPECT_EQ(*std::min_element(red.rgb.begin(), red.rgb.end()), 0);
  }
}

}  // namespace
}  // namespace bakeoff::data
