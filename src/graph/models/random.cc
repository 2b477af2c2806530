// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The generator behind the random networks.
#include "graph/models/random.h"

#include <bit>

namespace bakeoff::graph {

Random::Random(uint64_t seed, std::string_view stream) {
  uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const char byte : stream) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  uint64_t counter = seed ^ hash;
  for (uint64_t& word : state_) {
    counter += 0x9e3779b97f4a7c15U;
    uint64_t mixed = counter;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    word = mixed ^ (mixed >> 31);
  }
}

uint64_t Random::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

float Random::Normal() {
  int64_t sum = 0;
  for (int i = 0; i < 3; ++i) {
    for (uint64_t word = Next(), part = 0; part < 4; ++part, word >>= 16) sum += static_cast<int64_t>(word & 0xffff);
  }
  // The mean of a 16-bit part is 32767.5, and twelve of them have a variance of 2^32 (to 1 in 2^32).
  return static_cast<float>(sum - 393210) * 0x1p-16F;
}

std::vector<float> Random::Normals(size_t count, float scale) {
  std::vector<float> values(count);
  for (float& value : values) value = Normal() * scale;
  return values;
}

std::vector<float> Random::Uniforms(size_t count, float low, float high) {
  std::vector<float> values(count);
  for (float& value : values) value = low + Uniform() * (high - low);
  return values;
}

}  // namespace bakeoff::graph
