// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The inner loops of resizing with AVX2. A 22-bit weight is split into high * 2^11 + low, so that 16-bit multiply-adds
// give the exact sum.
#include "data/resize.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cstring>

namespace bakeoff::data {
namespace {

#define BAKEOFF_AVX2 __attribute__((target("avx2")))

constexpr int kPrecision = 22;
constexpr int kSplit = 11;

// Two 16-bit weights as one 32-bit lane.
BAKEOFF_AVX2 inline int Pair(const int16_t* weights) {
  int pair;
  std::memcpy(&pair, weights, sizeof(pair));
  return pair;
}

BAKEOFF_AVX2 inline __m256i Lanes(const int16_t* weights) {
  return _mm256_set_m128i(_mm_set1_epi32(Pair(weights + 2)), _mm_set1_epi32(Pair(weights)));
}

// Four taps at a time: the low lane gets the pixels 0 and 1 as pairs r0 r1, g0 g1, b0 b1; the high lane pixels 2 and 3.
// Four rows at a time: they share the weights, and their results are packed together.
BAKEOFF_AVX2 void Horizontal(const uint8_t* const* rows, int count, const ResizeAxis& axis, int begin, int end,
                             uint8_t* out, size_t stride) {
  static_assert(kRowsTogether == 4);
  const __m256i spread = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                                          6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m128i half = _mm_set1_epi32(1 << (kPrecision - 1));
  // Missing rows are the last one again, not written.
  const uint8_t* const from[4] = {rows[0], rows[std::min(1, count - 1)], rows[std::min(2, count - 1)], rows[count - 1]};
  for (int i = begin; i < end; ++i, out += 3) {
    const int16_t* high = axis.high.data() + static_cast<ptrdiff_t>(i) * axis.taps;
    const int16_t* low = axis.low.data() + static_cast<ptrdiff_t>(i) * axis.taps;
    ptrdiff_t at = static_cast<ptrdiff_t>(axis.first[i]) * 3;
    __m256i sum_high[4] = {}, sum_low[4] = {};
    for (int t = 0; t < axis.count[i]; t += 4, at += 12) {
      const __m256i weight_high = Lanes(high + t), weight_low = Lanes(low + t);
      for (int r = 0; r < 4; ++r) {
        const __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from[r] + at));
        const __m256i pairs = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(pixels), spread);
        sum_high[r] = _mm256_add_epi32(sum_high[r], _mm256_madd_epi16(pairs, weight_high));
        sum_low[r] = _mm256_add_epi32(sum_low[r], _mm256_madd_epi16(pairs, weight_low));
      }
    }
    __m128i sum[4];
    for (int r = 0; r < 4; ++r) {
      const __m256i both = _mm256_add_epi32(_mm256_slli_epi32(sum_high[r], kSplit), sum_low[r]);
      const __m128i all = _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
      sum[r] = _mm_srai_epi32(_mm_add_epi32(all, half), kPrecision);
    }
    const __m128i packed = _mm_packus_epi16(_mm_packs_epi32(sum[0], sum[1]), _mm_packs_epi32(sum[2], sum[3]));
    uint8_t pixels[16];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(pixels), packed);
    // The fourth byte is overwritten by the next pixel, or lies between the rows.
    for (int r = 0; r < count; ++r) std::memcpy(out + static_cast<size_t>(r) * stride, pixels + 4 * r, 4);
  }
}

// Sixteen columns at a time, two rows per multiply-add.
BAKEOFF_AVX2 void Vertical(const uint8_t* rows, size_t stride, const ResizeAxis& axis, int index, size_t bytes,
                           uint8_t* out) {
  const int16_t* high = axis.high.data() + static_cast<ptrdiff_t>(index) * axis.taps;
  const int16_t* low = axis.low.data() + static_cast<ptrdiff_t>(index) * axis.taps;
  const int count = axis.count[index];
  const __m256i half = _mm256_set1_epi32(1 << (kPrecision - 1));
  for (size_t x = 0; x < bytes; x += 16) {
    __m256i high_a = _mm256_setzero_si256(), high_b = high_a, low_a = high_a, low_b = high_a;
    for (int t = 0; t < count; t += 2) {
      const uint8_t* row = rows + static_cast<size_t>(t) * stride + x;
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row));
      // The odd one out is paired with itself: its second weight is zero.
      const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(t + 1 < count ? row + stride : row));
      const __m256i first = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b));
      const __m256i second = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
      const __m256i weight_high = _mm256_set1_epi32(Pair(high + t)), weight_low = _mm256_set1_epi32(Pair(low + t));
      high_a = _mm256_add_epi32(high_a, _mm256_madd_epi16(first, weight_high));
      low_a = _mm256_add_epi32(low_a, _mm256_madd_epi16(first, weight_low));
      high_b = _mm256_add_epi32(high_b, _mm256_madd_epi16(second, weight_high));
      low_b = _mm256_add_epi32(low_b, _mm256_madd_epi16(second, weight_low));
    }
    __m256i sum_a = _mm256_add_epi32(_mm256_add_epi32(_mm256_slli_epi32(high_a, kSplit), low_a), half);
    __m256i sum_b = _mm256_add_epi32(_mm256_add_epi32(_mm256_slli_epi32(high_b, kSplit), low_b), half);
    sum_a = _mm256_srai_epi32(sum_a, kPrecision), sum_b = _mm256_srai_epi32(sum_b, kPrecision);
    // packs works within lanes: a0-3 b0-3 | a4-7 b4-7 becomes a0-7 b0-7 by swapping the middle quarters.
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(sum_a, sum_b), 0xd8);
    const __m128i packed = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + x), packed);
  }
}

constexpr ResizeKernels kAvx2Kernels = {Horizontal, Vertical};

}  // namespace

const ResizeKernels& BestKernels() {
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2");
  return kHasAvx2 ? kAvx2Kernels : kPortableKernels;
}

}  // namespace bakeoff::data
#else
namespace bakeoff::data {

const ResizeKernels& BestKernels() {
  return kPortableKernels;
}

}  // namespace bakeoff::data
#endif
