// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Sine, arc tangent and noise from additions and multiplications only: the same bits on every machine, which libm does
// not promise. Accurate to about 1e-4, which is far below one grey level.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "data/rng.h"

namespace bakeoff::data::draw {

inline constexpr float kPi = 3.14159265f;

// Taylor to x^9 after folding into [-pi/2, pi/2].
inline float Sin(float x) {
  x -= 2 * kPi * std::floor(x / (2 * kPi) + 0.5f);
  if (x > kPi / 2) x = kPi - x;
  if (x < -kPi / 2) x = -kPi - x;
  const float y = x * x;
  return x * (1 - y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72))));
}
inline float Cos(float x) {
  return Sin(x + kPi / 2);
}

// Polynomial on [0, 1] (Abramowitz and Stegun 4.4.49), the rest by symmetry.
inline float Atan2(float y, float x) {
  const float ax = std::fabs(x), ay = std::fabs(y);
  const float most = std::max(ax, ay);
  if (most == 0) return 0;
  const float a = std::min(ax, ay) / most, s = a * a;
  float r = a * (0.9998660f + s * (-0.3302995f + s * (0.1801410f + s * (-0.0851330f + s * 0.0208351f))));
  if (ay > ax) r = kPi / 2 - r;
  if (x < 0) r = kPi - r;
  return y < 0 ? -r : r;
}

inline float Saturate(float x) {
  return std::clamp(x, 0.0f, 1.0f);
}
inline float Mix(float a, float b, float t) {
  return a + (b - a) * t;
}
// 0 below `low`, 1 above `high`, smooth between.
inline float Step(float low, float high, float x) {
  const float t = Saturate((x - low) / (high - low));
  return t * t * (3 - 2 * t);
}
// A bump of height 1 at 0 that is gone at |x| >= 1.
inline float Bump(float x) {
  const float t = Saturate(1 - x * x);
  return t * t;
}

// Lattice value in [0, 1).
inline float Lattice(int x, int y, uint32_t seed) {
  uint32_t h = static_cast<uint32_t>(x) * 0x8da6b343u ^ static_cast<uint32_t>(y) * 0xd8163841u ^ seed * 0xcb1ab31fu;
  h ^= h >> 15, h *= 0x2c1b3c6du, h ^= h >> 12, h *= 0x297a2d39u, h ^= h >> 15;
  return static_cast<float>(h >> 8) * 0x1p-24f;
}

// Value noise in [0, 1], one feature per unit.
inline float Noise(float x, float y, uint32_t seed) {
  const float fx = std::floor(x), fy = std::floor(y);
  const int ix = static_cast<int>(fx), iy = static_cast<int>(fy);
  float u = x - fx, v = y - fy;
  u = u * u * (3 - 2 * u), v = v * v * (3 - 2 * v);
  return Mix(Mix(Lattice(ix, iy, seed), Lattice(ix + 1, iy, seed), u),
             Mix(Lattice(ix, iy + 1, seed), Lattice(ix + 1, iy + 1, seed), u), v);
}
inline float Noise2(float x, float y, uint32_t seed) {
  return (Noise(x, y, seed) * 2 + Noise(2.1f * x, 2.1f * y, seed + 7)) / 3;
}

// Randomness in the types that drawing needs.
struct Dice {
  Rng rng;
  float In(float low, float high) { return static_cast<float>(rng.Uniform(low, high)); }
  bool Chance(float p) { return rng.Chance(p); }
  int Int(int low, int high) { return rng.Int(low, high); }
  uint32_t Seed() { return static_cast<uint32_t>(rng.Next()); }
};

}  // namespace bakeoff::data::draw
