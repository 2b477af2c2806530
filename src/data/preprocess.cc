// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Applies a pre-processing pipeline: geometry as torchvision rounds it, pixels as Pillow computes them, then one table
// look-up per sample.
#include "data/preprocess.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "bakeoff/error.h"

namespace bakeoff::data {
namespace {

Box Intersect(const Box& a, const Box& b) {
  const int x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  return {x, y, std::min(a.x + a.width, b.x + b.width) - x, std::min(a.y + a.height, b.y + b.height) - y};
}

// Where a window of `size` starts in an extent: centred, a half rounded to even; before the start when the extent is
// smaller.
int Centred(int extent, int size) {
  return extent < size ? -((size - extent) / 2) : static_cast<int>(std::nearbyint((extent - size) / 2.0));
}

void Copy(const Image& source, const Box& from, Image& out, int x, int y) {
  for (int row = 0; row < from.height; ++row) {
    std::copy_n(source.At(from.x, from.y + row), static_cast<size_t>(from.width) * 3, out.At(x, y + row));
  }
}

bool SameSize(const Geometry& g) {
  return g.from.width == g.width && g.from.height == g.height;
}

}  // namespace

Preprocess Preprocess::ForSide(int side) {
  Preprocess pipeline;
  pipeline.crop_width = pipeline.crop_height = side;
  if (side < 64) {
    pipeline.mode = Mode::kExact;
    pipeline.crop_width = pipeline.crop_height = 0;
    pipeline.resize_width = pipeline.resize_height = side;
  } else {
    pipeline.resize_width = pipeline.resize_height = static_cast<int>(std::nearbyint(side * 256.0 / 224.0));
  }
  return pipeline;
}

int Preprocess::width() const {
  if (crop_width > 0) return crop_width;
  if (mode == Mode::kExact) return resize_width;
  throw Error(ErrorCode::kUsage,
              "pre-processing: neither `center_crop` nor `resize` with mode `exact` fixes the size of the input");
}

int Preprocess::height() const {
  if (crop_height > 0) return crop_height;
  return width() > 0 ? resize_height : 0;
}

Shape Preprocess::shape(int64_t batch) const {
  if (channels_last) return {batch, height(), width(), 3};
  return {batch, 3, height(), width()};
}

Geometry PlainGeometry(const Preprocess& pipeline, int width, int height) {
  if (width <= 0 || height <= 0) throw Error(ErrorCode::kInternal, "an empty picture");
  Geometry g{.from = {0, 0, width, height}, .width = width, .height = height, .keep = {}};
  if (pipeline.mode == Preprocess::Mode::kExact) {
    g.width = pipeline.resize_width, g.height = pipeline.resize_height;
  } else if (pipeline.mode == Preprocess::Mode::kShortSide) {
    const int side = pipeline.resize_width;
    const auto longer = [&](int l, int s) { return static_cast<int>(static_cast<double>(int64_t{side} * l) / s); };
    g.width = width <= height ? side : longer(width, height);
    g.height = width <= height ? longer(height, width) : side;
  }
  g.keep = {0, 0, g.width, g.height};
  if (pipeline.crop_width > 0) {
    g.keep = {Centred(g.width, pipeline.crop_width), Centred(g.height, pipeline.crop_height), pipeline.crop_width,
              pipeline.crop_height};
  }
  return g;
}

Preprocessor::Preprocessor(const Preprocess& pipeline) : pipeline_(pipeline) {
  for (size_t c = 0; c < 3; ++c) {
    for (size_t v = 0; v < 256; ++v) {
      // In float, as ToTensor and Normalize compute; a scale of 1/255 is applied as the division that it stands for.
      const auto sample = static_cast<float>(v);
      const float scaled = pipeline.scale == 1.0 / 255 ? sample / 255.0f : sample * static_cast<float>(pipeline.scale);
      table_[c][v] = (scaled - static_cast<float>(pipeline.mean[c])) / static_cast<float>(pipeline.std[c]);
    }
  }
}

void Preprocessor::Cut(const Image& picture, const Geometry& g, Image& out) {
  const Box inner = Intersect(g.keep, {0, 0, g.width, g.height});
  if (inner == g.keep && !SameSize(g)) {
    resizer_.Run(picture, g.from, g.width, g.height, pipeline_.filter, inner, out);
    return;
  }
  out.Resize(g.keep.width, g.keep.height);
  if (!(inner == g.keep)) std::fill(out.rgb.begin(), out.rgb.end(), uint8_t{0});
  if (inner.empty()) return;
  const int x = inner.x - g.keep.x, y = inner.y - g.keep.y;
  if (SameSize(g)) {
    Copy(picture, {g.from.x + inner.x, g.from.y + inner.y, inner.width, inner.height}, out, x, y);
  } else {
    resizer_.Run(picture, g.from, g.width, g.height, pipeline_.filter, inner, inner_);
    Copy(inner_, {0, 0, inner.width, inner.height}, out, x, y);
  }
}

void Preprocessor::Finish(const Image& pixels, bool mirrored, float* out) const {
  const auto width = static_cast<size_t>(pixels.width), height = static_cast<size_t>(pixels.height);
  const size_t red = pipeline_.bgr ? 2 : 0, blue = 2 - red;
  const float *t0 = table_[0].data(), *t1 = table_[1].data(), *t2 = table_[2].data();
  // `step` as a constant, so that planes are written without multiplying.
  const auto write = [&](float* o0, float* o1, float* o2, auto step) {
    const ptrdiff_t next = mirrored ? -3 : 3;
    for (size_t y = 0; y < height; ++y) {
      const uint8_t* p = pixels.At(mirrored ? pixels.width - 1 : 0, static_cast<int>(y));
      for (size_t x = 0; x < width; ++x, p += next, o0 += step, o1 += step, o2 += step) {
        *o0 = t0[p[red]], *o1 = t1[p[1]], *o2 = t2[p[blue]];
      }
    }
  };
  if (pipeline_.channels_last) {
    write(out, out + 1, out + 2, std::integral_constant<size_t, 3>());
  } else {
    write(out, out + width * height, out + 2 * width * height, std::integral_constant<size_t, 1>());
  }
}

void Preprocessor::Apply(const Image& picture, float* out) {
  ApplyToPixels(picture, cut_);
  Finish(cut_, false, out);
}

void Preprocessor::ApplyToPixels(const Image& picture, Image& out) {
  Cut(picture, PlainGeometry(pipeline_, picture.width, picture.height), out);
}

void Preprocessor::DecodeFor(ByteSpan file, const ImageHeader& header, const Geometry& g, const DecodeLimits& limits) {
  const Box inner = Intersect(g.keep, {0, 0, g.width, g.height});
  Box needed;  // empty means everything
  if (!inner.empty()) {
    needed = SameSize(g) ? Box{g.from.x + inner.x, g.from.y + inner.y, inner.width, inner.height}
                         : Resizer::Needed(g.from, g.width, g.height, pipeline_.filter, inner);
  }
  DecodeRegion(file, header, needed, decoded_, limits);
}

void Preprocessor::ApplyToFile(ByteSpan file, float* out, const DecodeLimits& limits) {
  const ImageHeader header = ReadHeader(file, limits);
  const Geometry geometry = PlainGeometry(pipeline_, header.shown_width(), header.shown_height());
  DecodeFor(file, header, geometry, limits);
  Cut(decoded_, geometry, cut_);
  Finish(cut_, false, out);
}

void Preprocessor::Random(const Image& picture, const Geometry& geometry, const Augment& augment, Rng& rng,
                          float* out) {
  Cut(picture, geometry, cut_);
  const bool mirrored = rng.Chance(augment.flip);
  JitterColors(augment, rng, cut_);
  Finish(cut_, mirrored, out);
  const Box hole = EraseBox(augment, cut_.width, cut_.height, rng);
  const size_t count = cut_.rgb.size() / 3;
  for (int y = hole.y; y < hole.y + hole.height; ++y) {
    const size_t start = static_cast<size_t>(y) * static_cast<size_t>(cut_.width) + static_cast<size_t>(hole.x);
    const auto length = static_cast<size_t>(hole.width);
    if (pipeline_.channels_last) {
      std::fill_n(out + start * 3, length * 3, 0.0f);
    } else {
      for (size_t c = 0; c < 3; ++c) std::fill_n(out + c * count + start, length, 0.0f);
    }
  }
}

void Preprocessor::ApplyRandom(const Image& picture, const Augment& augment, Rng& rng, float* out) {
  Random(picture, RandomGeometry(augment, pipeline_, picture.width, picture.height, rng), augment, rng, out);
}

void Preprocessor::ApplyRandomToFile(ByteSpan file, const Augment& augment, Rng& rng, float* out,
                                     const DecodeLimits& limits) {
  const ImageHeader header = ReadHeader(file, limits);
  const Geometry geometry = RandomGeometry(augment, pipeline_, header.shown_width(), header.shown_height(), rng);
  DecodeFor(file, header, geometry, limits);
  Random(decoded_, geometry, augment, rng, out);
}

}  // namespace bakeoff::data
