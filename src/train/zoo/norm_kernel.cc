// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The arithmetic of batch norm over rows of channels. Loops over channels are innermost, so that they vectorise without
// changing the order of any sum.
#include "train/zoo/norm_kernel.h"

#include <algorithm>
#include <vector>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BAKEOFF_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define BAKEOFF_EACH_CPU
#endif

namespace bakeoff::train::zoo {
namespace {

// Rows summed in f32 before they are added in f64.
constexpr int64_t kBlock = 64;

BAKEOFF_EACH_CPU void SumBlock(int64_t rows, int64_t channels, const float* __restrict x, const float* __restrict shift,
                               float* __restrict sum, float* __restrict squares) {
  int64_t row = 0;
  for (; row + 4 <= rows; row += 4, x += 4 * channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float a = x[c] - shift[c], b = x[channels + c] - shift[c], d = x[2 * channels + c] - shift[c],
                  e = x[3 * channels + c] - shift[c];
      sum[c] += (a + b) + (d + e);
      squares[c] += (a * a + b * b) + (d * d + e * e);
    }
  }
  for (; row < rows; ++row, x += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float a = x[c] - shift[c];
      sum[c] += a;
      squares[c] += a * a;
    }
  }
}

BAKEOFF_EACH_CPU void ApplyPlain(int64_t rows, int64_t channels, const float* __restrict x,
                                 const float* __restrict scale, const float* __restrict offset, float low, float high,
                                 float* __restrict y) {
  for (int64_t row = 0; row < rows; ++row, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float value = x[c] * scale[c] + offset[c];
      const float above = value < low ? low : value;
      y[c] = above > high ? high : above;
    }
  }
}

BAKEOFF_EACH_CPU void ApplySkip(int64_t rows, int64_t channels, const float* __restrict x,
                                const float* __restrict scale, const float* __restrict offset,
                                const float* __restrict skip, float low, float high, float* __restrict y) {
  for (int64_t row = 0; row < rows; ++row, x += channels, y += channels, skip += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float value = x[c] * scale[c] + offset[c] + skip[c];
      const float above = value < low ? low : value;
      y[c] = above > high ? high : above;
    }
  }
}

BAKEOFF_EACH_CPU void GradientBlock(int64_t rows, int64_t channels, const float* __restrict grad,
                                    const float* __restrict x, const float* __restrict scale,
                                    const float* __restrict offset, const float* __restrict mean, float low, float high,
                                    float* __restrict sum, float* __restrict products) {
  int64_t row = 0;
  for (; row + 2 <= rows; row += 2, x += 2 * channels, grad += 2 * channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float p = x[c] * scale[c] + offset[c], q = x[channels + c] * scale[c] + offset[c];
      const float g = p > low && p < high ? grad[c] : 0.0f, h = q > low && q < high ? grad[channels + c] : 0.0f;
      sum[c] += g + h;
      products[c] += g * (x[c] - mean[c]) + h * (x[channels + c] - mean[c]);
    }
  }
  for (; row < rows; ++row, x += channels, grad += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float p = x[c] * scale[c] + offset[c];
      const float g = p > low && p < high ? grad[c] : 0.0f;
      sum[c] += g;
      products[c] += g * (x[c] - mean[c]);
    }
  }
}

BAKEOFF_EACH_CPU void GradientBlockSkip(int64_t rows, int64_t channels, const float* __restrict grad,
                                        const float* __restrict x, const float* __restrict y,
                                        const float* __restrict mean, float low, float high, float* __restrict masked,
                                        float* __restrict sum, float* __restrict products) {
  for (int64_t row = 0; row < rows; ++row, x += channels, grad += channels, y += channels, masked += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float g = y[c] > low && y[c] < high ? grad[c] : 0.0f;
      masked[c] = g;
      sum[c] += g;
      products[c] += g * (x[c] - mean[c]);
    }
  }
}

BAKEOFF_EACH_CPU void OutputMasking(int64_t rows, int64_t channels, const float* __restrict grad,
                                    const float* __restrict x, const float* __restrict scale,
                                    const float* __restrict offset, float low, float high,
                                    const float* __restrict slope, const float* __restrict constant,
                                    float* __restrict out) {
  for (int64_t row = 0; row < rows; ++row, x += channels, grad += channels, out += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float p = x[c] * scale[c] + offset[c];
      const float g = p > low && p < high ? grad[c] : 0.0f;
      out[c] = g * scale[c] + (x[c] * slope[c] + constant[c]);
    }
  }
}

BAKEOFF_EACH_CPU void OutputMasked(int64_t rows, int64_t channels, const float* __restrict grad,
                                   const float* __restrict x, const float* __restrict scale,
                                   const float* __restrict slope, const float* __restrict constant,
                                   float* __restrict out) {
  for (int64_t row = 0; row < rows; ++row, x += channels, grad += channels, out += channels) {
    for (int64_t c = 0; c < channels; ++c) out[c] = grad[c] * scale[c] + (x[c] * slope[c] + constant[c]);
  }
}

// Runs `block(first row, rows, a, b)` over blocks, adding its two f32 sums to the f64 ones.
template <typename Block>
void InBlocks(Rows n, double* first, double* second, Block&& block) {
  const auto channels = static_cast<size_t>(n.channels);
  std::vector<float> a(channels), b(channels);
  for (int64_t row = 0; row < n.rows; row += kBlock) {
    std::fill(a.begin(), a.end(), 0.0f), std::fill(b.begin(), b.end(), 0.0f);
    block(row, std::min(kBlock, n.rows - row), a.data(), b.data());
    for (size_t c = 0; c < channels; ++c) first[c] += a[c], second[c] += b[c];
  }
}

}  // namespace

void SumRows(Rows n, const float* x, const float* shift, double* sum, double* squares) {
  InBlocks(n, sum, squares, [&](int64_t row, int64_t rows, float* a, float* b) {
    SumBlock(rows, n.channels, x + row * n.channels, shift, a, b);
  });
}

void ApplyRows(Rows n, const float* x, const float* scale, const float* offset, const float* skip, float low,
               float high, float* y) {
  if (skip == nullptr) {
    ApplyPlain(n.rows, n.channels, x, scale, offset, low, high, y);
  } else {
    ApplySkip(n.rows, n.channels, x, scale, offset, skip, low, high, y);
  }
}

void SumGradients(Rows n, const float* grad, const float* x, const float* scale, const float* offset, const float* mean,
                  float low, float high, const float* y, float* masked, double* sum, double* products) {
  InBlocks(n, sum, products, [&](int64_t row, int64_t rows, float* a, float* b) {
    const int64_t at = row * n.channels;
    if (y == nullptr) {
      GradientBlock(rows, n.channels, grad + at, x + at, scale, offset, mean, low, high, a, b);
    } else {
      GradientBlockSkip(rows, n.channels, grad + at, x + at, y + at, mean, low, high, masked + at, a, b);
    }
  });
}

void ApplyGradients(Rows n, const float* grad, const float* x, const float* scale, const float* offset, float low,
                    float high, bool masked, const float* slope, const float* constant, float* out) {
  if (masked) {
    OutputMasked(n.rows, n.channels, grad, x, scale, slope, constant, out);
  } else {
    OutputMasking(n.rows, n.channels, grad, x, scale, offset, low, high, slope, constant, out);
  }
}

}  // namespace bakeoff::train::zoo
