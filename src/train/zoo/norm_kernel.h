// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The arithmetic of batch norm over rows of channels: sums, and the elementwise passes with skip and activation.
#pragma once

#include <cstdint>

namespace bakeoff::train::zoo {

// One thread's part: `rows` rows of `channels` floats, one after the other. `low`..`high` is what the activation leaves
// as it is (-inf..inf: none, 0..inf: relu, 0..6: relu6). No pointer may alias another but where said. Vectorised for
// the CPU at hand.
struct Rows {
  int64_t rows = 0, channels = 0;
};

// sum[c] += x - shift[c], squares[c] += (x - shift[c])^2: in blocks of f32, collected in f64. With a shift near the
// mean the variance does not cancel.
void SumRows(Rows n, const float* x, const float* shift, double* sum, double* squares);
// y = clamp(x * scale[c] + offset[c] + skip); skip may be null.
void ApplyRows(Rows n, const float* x, const float* scale, const float* offset, const float* skip, float low,
               float high, float* y);
// g = grad where the activation's result lies inside (low, high), else 0; sum[c] += g, products[c] += g * (x -
// mean[c]). Without skip the result is computed again from x; with `y` (the result, of a sum with a skip) it is read,
// and g is written to `masked`, which the caller needs as the skip's gradient.
void SumGradients(Rows n, const float* grad, const float* x, const float* scale, const float* offset, const float* mean,
                  float low, float high, const float* y, float* masked, double* sum, double* products);
// out = g * scale[c] + x * slope[c] + constant[c], g masked as above unless `masked` (g = grad already masked).
void ApplyGradients(Rows n, const float* grad, const float* x, const float* scale, const float* offset, float low,
                    float high, bool masked, const float* slope, const float* constant, float* out);

}  // namespace bakeoff::train::zoo
