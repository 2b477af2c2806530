// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Antialiased resizing, bit for bit as Pillow does it: separable, horizontal first, 8-bit between the passes, 22-bit
// fixed-point weights.
#pragma once

#include <cstdint>
#include <vector>

#include "data/image.h"

namespace bakeoff::data {

enum class Filter { kBilinear, kBicubic };

// Weights of one axis: output i is the weighted sum of inputs first[i] .. first[i] + count[i].
struct ResizeAxis {
  int in = 0, out = 0;
  Filter filter = Filter::kBilinear;
  int taps = 0;  // room per output in `weights`, a multiple of 4; unused ones are zero
  std::vector<int> first, count;
  std::vector<int32_t> weights;    // out x taps, scaled by 2^22
  std::vector<int16_t> high, low;  // the same, split into weight = high * 2^11 + low, for 16-bit multiply-adds
};
ResizeAxis MakeAxis(int in, int out, Filter filter);

// Resizes pictures; keeps its weights and scratch memory between calls, so use one per thread.
class Resizer {
 public:
  // Which pixels of the source (within `from`, in picture coordinates) decide the pixels `keep` of the result.
  static Box Needed(const Box& from, int width, int height, Filter filter, const Box& keep);

  // As if `from` were cut out, then resized to width x height, then `keep` cut out of that. `keep` must lie inside.
  void Run(const Image& source, const Box& from, int width, int height, Filter filter, const Box& keep, Image& out);

 private:
  const ResizeAxis& Axis(int in, int out, Filter filter);
  void Rows(const Image& source, const Box& from, const ResizeAxis& axis, const Box& keep, int top, int bottom);

  std::vector<ResizeAxis> axes_;  // most recent last
  Bytes middle_;                  // after the horizontal pass
  size_t stride_ = 0;
  Bytes line_;  // padded copies of the picture's last rows
};

// Rows that the horizontal loop works on together: the weights of a pixel are made ready once for all of them.
inline constexpr int kRowsTogether = 4;

// The two inner loops. The AVX2 versions read up to 15 bytes beyond what they need and write up to 15 beyond the end.
struct ResizeKernels {
  // `count` rows, at most kRowsTogether: output pixels [begin, end) of `axis` from interleaved RGB, to rows of `out`
  // that are `stride` apart. The byte after the last pixel of a row must not belong to the next.
  void (*horizontal)(const uint8_t* const* rows, int count, const ResizeAxis& axis, int begin, int end, uint8_t* out,
                     size_t stride);
  // Output row `index` of `axis`: `bytes` columns from rows that start at `rows` (the one of first[index]), `stride`
  // apart.
  void (*vertical)(const uint8_t* rows, size_t stride, const ResizeAxis& axis, int index, size_t bytes, uint8_t* out);
};
extern const ResizeKernels kPortableKernels;
// The fastest that this machine can run; the results are the same.
const ResizeKernels& BestKernels();

}  // namespace bakeoff::data
