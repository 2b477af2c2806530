// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Random numbers that are the same on every machine and with every standard library.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bakeoff::graph {

// xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64. Streams with different names are independent, so
// a tensor's numbers do not change when another tensor is added before it.
class Random {
 public:
  Random(uint64_t seed, std::string_view stream);
  uint64_t Next();
  float Uniform() { return static_cast<float>(Next() >> 40) * 0x1p-24F; }  // [0, 1)
  // Mean 0, variance 1: the sum of 12 uniform numbers of 16 bits, less 6. Whole-number arithmetic, so no mathematical
  // library can make a difference; no tails beyond 6.
  float Normal();

  std::vector<float> Normals(size_t count, float scale);
  std::vector<float> Uniforms(size_t count, float low, float high);

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace bakeoff::graph
