// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Random crops, mirroring, colour changes and erasing.
#include "data/augment.h"

#include <algorithm>
#include <cmath>

#include "data/preprocess.h"

namespace bakeoff::data {
namespace {

constexpr int kTries = 10;

// A size of random area and aspect (uniform in its logarithm); {0, 0} if it does not fit.
Box RandomBox(const std::array<double, 2>& area, const std::array<double, 2>& aspect, int width, int height, Rng& rng) {
  const double pixels = rng.Uniform(area[0], area[1]) * width * height;
  const double ratio = aspect[0] * std::pow(aspect[1] / aspect[0], rng.Unit());
  const int w = static_cast<int>(std::lround(std::sqrt(pixels * ratio)));
  const int h = static_cast<int>(std::lround(std::sqrt(pixels / ratio)));
  if (w < 1 || h < 1 || w > width || h > height) return {};
  const int x = rng.Int(0, width - w);
  return {x, rng.Int(0, height - h), w, h};
}

uint8_t Clip(float value) {
  return static_cast<uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f));
}

// ITU-R 601 luma.
float Grey(const uint8_t* p) {
  return 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
}

void Brighten(Image& image, float factor) {
  uint8_t table[256];
  for (int v = 0; v < 256; ++v) table[v] = Clip(static_cast<float>(v) * factor);
  for (uint8_t& sample : image.rgb) sample = table[sample];
}

void Contrast(Image& image, float factor) {
  double sum = 0;
  for (size_t i = 0; i < image.rgb.size(); i += 3) sum += Grey(&image.rgb[i]);
  const auto mean = static_cast<float>(std::floor(sum / (static_cast<double>(image.rgb.size()) / 3) + 0.5));
  uint8_t table[256];
  for (int v = 0; v < 256; ++v) table[v] = Clip(mean + (static_cast<float>(v) - mean) * factor);
  for (uint8_t& sample : image.rgb) sample = table[sample];
}

void Saturate(Image& image, float factor) {
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    const float grey = Grey(&image.rgb[i]);
    for (size_t c = 0; c < 3; ++c)
      image.rgb[i + c] = Clip(grey + (static_cast<float>(image.rgb[i + c]) - grey) * factor);
  }
}

// Through hue, saturation, value; `turn` in circles.
void TurnHue(Image& image, float turn) {
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    uint8_t* p = &image.rgb[i];
    const int most = std::max({p[0], p[1], p[2]}), least = std::min({p[0], p[1], p[2]});
    if (most == least) continue;
    const auto spread = static_cast<float>(most - least);
    float hue = most == p[0]   ? static_cast<float>(p[1] - p[2]) / spread
                : most == p[1] ? 2 + static_cast<float>(p[2] - p[0]) / spread
                               : 4 + static_cast<float>(p[0] - p[1]) / spread;
    hue += 6 * turn + 12;
    // Each channel is a trapezium over the circle: full at its own hue, falling over the sixth after the next.
    const float offsets[3] = {5, 3, 1};
    for (int c = 0; c < 3; ++c) {
      const float k = std::fmod(hue + offsets[c], 6.0f);
      p[c] = Clip(static_cast<float>(most) - spread * std::clamp(std::min(k, 4 - k), 0.0f, 1.0f));
    }
  }
}

}  // namespace

Geometry RandomGeometry(const Augment& augment, const Preprocess& pipeline, int width, int height, Rng& rng) {
  Geometry g = PlainGeometry(pipeline, width, height);
  if (!augment.random_crop) {
    if (augment.pad > 0) {
      g.keep.x += rng.Int(-augment.pad, augment.pad);
      g.keep.y += rng.Int(-augment.pad, augment.pad);
    }
    return g;
  }
  g.width = pipeline.width(), g.height = pipeline.height();
  g.keep = {0, 0, g.width, g.height};
  for (int i = 0; i < kTries; ++i) {
    g.from = RandomBox(augment.crop_area, augment.crop_aspect, width, height, rng);
    if (!g.from.empty()) return g;
  }
  // Nothing fitted: the largest part in the middle whose aspect is allowed.
  const double ratio = std::clamp(static_cast<double>(width) / height, augment.crop_aspect[0], augment.crop_aspect[1]);
  const int w = std::clamp(static_cast<int>(std::lround(height * ratio)), 1, width);
  const int h = std::clamp(static_cast<int>(std::lround(width / ratio)), 1, height);
  g.from = {(width - w) / 2, (height - h) / 2, w, h};
  return g;
}

void JitterColors(const Augment& augment, Rng& rng, Image& image) {
  const auto factor = [&](double reach) { return static_cast<float>(rng.Uniform(1 - reach, 1 + reach)); };
  std::vector<int> order = {0, 1, 2, 3};
  Shuffle(order, rng);
  for (const int change : order) {
    if (change == 0 && augment.brightness > 0) Brighten(image, factor(augment.brightness));
    if (change == 1 && augment.contrast > 0) Contrast(image, factor(augment.contrast));
    if (change == 2 && augment.saturation > 0) Saturate(image, factor(augment.saturation));
    if (change == 3 && augment.hue > 0) TurnHue(image, static_cast<float>(rng.Uniform(-augment.hue, augment.hue)));
  }
}

Box EraseBox(const Augment& augment, int width, int height, Rng& rng) {
  if (!rng.Chance(augment.erase)) return {};
  for (int i = 0; i < kTries; ++i) {
    const Box box = RandomBox(augment.erase_area, augment.erase_aspect, width, height, rng);
    if (!box.empty()) return box;
  }
  return {};
}

}  // namespace bakeoff::data
