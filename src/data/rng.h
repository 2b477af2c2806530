// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The random numbers of everything seeded in data: the same on every machine and compiler, unlike std:: distributions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace bakeoff::data {

// One step of SplitMix64: a good mixer of 64 bits.
constexpr uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// SplitMix64, keyed by any number of parts: Rng({seed, epoch, index}) is the stream of that sample, whoever draws it.
class Rng {
 public:
  Rng(std::initializer_list<uint64_t> key) {
    for (const uint64_t part : key) state_ = Mix(state_ ^ Mix(part));
  }

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }
  // [0, 1), 53 bits.
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  double Uniform(double low, double high) { return low + (high - low) * Unit(); }
  // [0, n), n > 0. The bias of the multiplication is below n / 2^64.
  uint64_t Below(uint64_t n) { return static_cast<uint64_t>((static_cast<Wide>(Next()) * n) >> 64); }
  // [low, high].
  int Int(int low, int high) {
    return static_cast<int>(low + static_cast<int64_t>(Below(static_cast<uint64_t>(int64_t{high} - low + 1))));
  }
  bool Chance(double p) { return Unit() < p; }
  // About N(0, 1): the sum of twelve uniforms. Needs no logarithm, whose last bit differs between C libraries.
  double Normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += Unit();
    return sum;
  }

 private:
  __extension__ using Wide = unsigned __int128;

  uint64_t state_ = 0;
};

// Fisher-Yates.
template <typename T>
void Shuffle(std::vector<T>& items, Rng& rng) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.Below(i)]);
}

}  // namespace bakeoff::data
