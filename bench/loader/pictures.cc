// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Makes pictures whose spectrum falls as that of photographs (amplitude about as one over frequency), with hard edges
// and a little sensor noise, so that a JPEG decoder has as much to do as with a photograph.
#include "loader/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <vector>

#include "data/image.h"
#include "data/parallel.h"
#include "data/rng.h"

namespace bakeoff::bench {
namespace {

constexpr int kClasses = 10;
constexpr int kQuality = 90;

using Plane = std::vector<float>;

// Value noise: random values on a lattice of `cell` pixels, smoothly between.
void AddOctave(PictureSize size, Plane& plane, int cell, float amplitude, data::Rng& rng) {
  const int columns = size.width / cell + 2, rows = size.height / cell + 2;
  Plane lattice(static_cast<size_t>(columns) * static_cast<size_t>(rows));
  for (float& value : lattice) value = static_cast<float>(rng.Uniform(-1, 1)) * amplitude;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const auto at = [&](int dx, int dy) {
        return lattice[static_cast<size_t>(y / cell + dy) * static_cast<size_t>(columns) +
                       static_cast<size_t>(x / cell + dx)];
      };
      float u = static_cast<float>(x % cell) / static_cast<float>(cell);
      float v = static_cast<float>(y % cell) / static_cast<float>(cell);
      u = u * u * (3 - 2 * u), v = v * v * (3 - 2 * v);
      const float top = at(0, 0) + (at(1, 0) - at(0, 0)) * u, bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * u;
      plane[static_cast<size_t>(y) * static_cast<size_t>(size.width) + static_cast<size_t>(x)] +=
          top + (bottom - top) * v;
    }
  }
}

Plane Noise(PictureSize size, float amplitude, int finest, data::Rng& rng) {
  Plane plane(static_cast<size_t>(size.width) * static_cast<size_t>(size.height), 0.0f);
  for (int cell = 128; cell >= finest; cell /= 2, amplitude *= 0.7f) AddOctave(size, plane, cell, amplitude, rng);
  return plane;
}

data::Image Draw(PictureSize size, data::Rng& rng) {
  data::Image image;
  image.Resize(size.width, size.height);
  // Colour changes more slowly than brightness.
  const Plane light = Noise(size, static_cast<float>(rng.Uniform(45, 90)), 1, rng);
  const Plane warm = Noise(size, 40, 8, rng), green = Noise(size, 25, 8, rng);
  struct Blob {
    double x, y, rx, ry;
    float light, warm;
  };
  std::vector<Blob> blobs(static_cast<size_t>(rng.Int(4, 12)));
  for (Blob& b : blobs) {
    b = {rng.Uniform(0, size.width),
         rng.Uniform(0, size.height),
         rng.Uniform(10, 120),
         rng.Uniform(10, 120),
         static_cast<float>(rng.Uniform(-70, 70)),
         static_cast<float>(rng.Uniform(-50, 50))};
  }
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const size_t i = static_cast<size_t>(y) * static_cast<size_t>(size.width) + static_cast<size_t>(x);
      float l = 128 + light[i], w = warm[i];
      for (const Blob& b : blobs) {
        const double dx = (x - b.x) / b.rx, dy = (y - b.y) / b.ry;
        if (dx * dx + dy * dy < 1) l += b.light, w += b.warm;
      }
      l += static_cast<float>(rng.Uniform(-6, 6));
      const float rgb[3] = {l + w, l + green[i], l - w};
      for (int c = 0; c < 3; ++c) image.At(x, y)[c] = static_cast<uint8_t>(std::clamp(rgb[c], 0.0f, 255.0f));
    }
  }
  return image;
}

}  // namespace

uint64_t MakePictures(const std::string& folder, int count, uint64_t seed, PictureSize size) {
  namespace fs = std::filesystem;
  for (int c = 0; c < kClasses; ++c) fs::create_directories(fs::path(folder) / fmt::format("class{}", c));
  std::vector<uint64_t> sizes(static_cast<size_t>(count));
  data::ParallelFor(sizes.size(), data::AllowedCpus(), [&](int, size_t i) {
    data::Rng rng({seed, i});
    const data::Bytes bytes = data::EncodeJpeg(Draw(size, rng), kQuality);
    std::ofstream file(fs::path(folder) / fmt::format("class{}/{:05}.jpg", i % kClasses, i), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    sizes[i] = bytes.size();
  });
  uint64_t all = 0;
  for (const uint64_t bytes : sizes) all += bytes;
  return all;
}

}  // namespace bakeoff::bench
