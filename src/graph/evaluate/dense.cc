// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: convolutions and matrix products. Every output is one chain of additions in a fixed order, so
// results do not depend on how the compiler uses vectors (the file is compiled without contraction).
#include <algorithm>
#include <cstring>

#include "graph/evaluate/kernel.h"

namespace bakeoff::graph {
namespace {

constexpr size_t kRows = 4;
constexpr size_t kColumns = 8;

// c[m][n] += a[m][k] * b[k][n], row-major, in tiles that stay in registers. A tile's columns of b are packed side by
// side first, because walking down a wide matrix misses the cache at every step.
void Multiply(size_t m, size_t n, size_t k, const float* a, const float* b, float* c) {
  std::vector<float> panel(k * kColumns);
  for (size_t column = 0; column < n; column += kColumns) {
    const size_t columns = std::min(kColumns, n - column);
    for (size_t at = 0; at < k; ++at)
      std::memcpy(panel.data() + at * kColumns, b + at * n + column, columns * sizeof(float));
    for (size_t row = 0; row < m; row += kRows) {
      const size_t rows = std::min(kRows, m - row);
      // Rows beyond the end repeat the last one and are not stored; columns beyond it are whatever lies there.
      const float* lines[kRows];
      float sum[kRows][kColumns] = {};
      for (size_t i = 0; i < kRows; ++i) {
        lines[i] = a + std::min(row + i, m - 1) * k;
        if (i < rows) std::memcpy(sum[i], c + (row + i) * n + column, columns * sizeof(float));
      }
      for (size_t at = 0; at < k; ++at) {
        const float* line = panel.data() + at * kColumns;
        for (size_t i = 0; i < kRows; ++i) {
          for (size_t j = 0; j < kColumns; ++j) sum[i][j] += lines[i][at] * line[j];
        }
      }
      for (size_t i = 0; i < rows; ++i) std::memcpy(c + (row + i) * n + column, sum[i], columns * sizeof(float));
    }
  }
}

struct Window {
  int64_t height, width, kernel_height, kernel_width, out_height, out_width;
  int64_t stride_y, stride_x, dilation_y, dilation_x, top, left;
};

// Rows: channel and position in the kernel. Columns: positions of the output.
void Unfold(const float* image, int64_t channels, const Window& w, float* columns) {
  for (int64_t channel = 0; channel < channels; ++channel) {
    for (int64_t ky = 0; ky < w.kernel_height; ++ky) {
      for (int64_t kx = 0; kx < w.kernel_width; ++kx) {
        for (int64_t oy = 0; oy < w.out_height; ++oy) {
          const int64_t y = oy * w.stride_y - w.top + ky * w.dilation_y;
          for (int64_t ox = 0; ox < w.out_width; ++ox) {
            const int64_t x = ox * w.stride_x - w.left + kx * w.dilation_x;
            const bool inside = y >= 0 && y < w.height && x >= 0 && x < w.width;
            *columns++ = inside ? image[(channel * w.height + y) * w.width + x] : 0.0F;
          }
        }
      }
    }
  }
}

Results Conv(const Call& call) {
  const Tensor &x = call.In(0), &weight = call.In(1);
  if (x.dims.size() != 4 || weight.dims.size() != 4) call.Unknown("convolution of other than two dimensions");
  if (call.node.String("auto_pad", "NOTSET") != "NOTSET") call.Unknown("auto_pad");
  const auto strides = call.node.Ints("strides", {1, 1}), dilations = call.node.Ints("dilations", {1, 1});
  const auto pads = call.node.Ints("pads", {0, 0, 0, 0});
  call.Need(strides.size() == 2 && dilations.size() == 2 && pads.size() == 4,
            "strides, dilations or pads of the wrong length");
  call.Need(std::min({strides[0], strides[1], dilations[0], dilations[1]}) > 0, "strides or dilations below 1");
  const int64_t groups = call.node.Int("group", 1), out_channels = weight.dims[0], in_per_group = weight.dims[1];
  call.Need(groups > 0 && x.dims[1] == in_per_group * groups && out_channels % groups == 0,
            "channels, groups and weights disagree");
  Window w{x.dims[2],  x.dims[3],  weight.dims[2], weight.dims[3], 0,       0,
           strides[0], strides[1], dilations[0],   dilations[1],   pads[0], pads[1]};
  w.out_height = (w.height + pads[0] + pads[2] - (w.kernel_height - 1) * w.dilation_y - 1) / w.stride_y + 1;
  w.out_width = (w.width + pads[1] + pads[3] - (w.kernel_width - 1) * w.dilation_x - 1) / w.stride_x + 1;
  call.Need(w.out_height > 0 && w.out_width > 0, "the image is smaller than the kernel");

  const std::vector<int64_t> dims{x.dims[0], out_channels, w.out_height, w.out_width};
  std::vector<float> result(CountOf(call, dims));
  const size_t area = static_cast<size_t>(w.out_height * w.out_width);
  const size_t depth = static_cast<size_t>(in_per_group * w.kernel_height * w.kernel_width);
  const size_t rows = static_cast<size_t>(out_channels / groups);
  const bool pointwise = w.kernel_height == 1 && w.kernel_width == 1 && w.stride_y == 1 && w.stride_x == 1 &&
                         std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad == 0; });
  std::vector<float> columns(pointwise ? 0 : CountOf(call, {static_cast<int64_t>(depth), static_cast<int64_t>(area)}));
  const Tensor* bias = call.Maybe(2);
  if (bias) call.Need(bias->dims == std::vector<int64_t>{out_channels}, "the bias is not one number per channel");
  for (int64_t n = 0; n < x.dims[0]; ++n) {
    for (int64_t group = 0; group < groups; ++group) {
      const float* image = x.Floats().data() + (n * x.dims[1] + group * in_per_group) * w.height * w.width;
      float* out = result.data() + (static_cast<size_t>(n * groups + group) * rows) * area;
      if (bias) {
        for (size_t row = 0; row < rows; ++row) std::fill_n(out + row * area, area, bias->Floats()[group * rows + row]);
      }
      if (!pointwise) Unfold(image, in_per_group, w, columns.data());
      Multiply(rows, area, depth, weight.Floats().data() + group * rows * depth, pointwise ? image : columns.data(),
               out);
    }
  }
  return {Tensor::F32(dims, std::move(result))};
}

// The matrix or its transpose, as a copy where it must be turned.
std::vector<float> Turned(std::span<const float> data, int64_t rows, int64_t columns, bool turn) {
  std::vector<float> result(data.begin(), data.end());
  if (turn) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) result[j * rows + i] = data[i * columns + j];
    }
  }
  return result;
}

Results Gemm(const Call& call) {
  const Tensor &a = call.In(0), &b = call.In(1);
  call.Need(a.dims.size() == 2 && b.dims.size() == 2, "needs matrices");
  const bool turn_a = call.node.Int("transA", 0) != 0, turn_b = call.node.Int("transB", 0) != 0;
  const int64_t m = a.dims[turn_a], k = a.dims[!turn_a], n = b.dims[!turn_b];
  call.Need(b.dims[turn_b] == k, "the matrices do not fit");
  std::vector<float> left = Turned(a.Floats(), a.dims[0], a.dims[1], turn_a),
                     right = Turned(b.Floats(), b.dims[0], b.dims[1], turn_b);
  std::vector<float> product(CountOf(call, {m, n}));
  Multiply(m, n, k, left.data(), right.data(), product.data());
  const float alpha = call.node.Float("alpha", 1), beta = call.node.Float("beta", 1);
  const Tensor* c = call.Maybe(2);
  const int64_t c_rows = c && c->dims.size() == 2 ? c->dims[0] : 1,
                c_columns = c && !c->dims.empty() ? c->dims.back() : 1;
  if (c)
    call.Need(c->dims.size() <= 2 && (c_rows == 1 || c_rows == m) && (c_columns == 1 || c_columns == n),
              "C cannot be spread");
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      float& value = product[i * n + j];
      value *= alpha;
      if (c) value += beta * c->Floats()[(c_rows == 1 ? 0 : i) * c_columns + (c_columns == 1 ? 0 : j)];
    }
  }
  return {Tensor::F32({m, n}, std::move(product))};
}

Results MatMul(const Call& call) {
  const Tensor &a = call.In(0), &b = call.In(1);
  if (a.dims.size() < 2 || b.dims.size() < 2) call.Unknown("vectors");
  const int64_t m = a.dims[a.dims.size() - 2], k = a.dims.back(), n = b.dims.back();
  call.Need(b.dims[b.dims.size() - 2] == k, "the matrices do not fit");
  const bool shared = b.dims.size() == 2;
  if (!shared && !std::equal(a.dims.begin(), a.dims.end() - 2, b.dims.begin(), b.dims.end() - 2))
    call.Unknown("batches of different shape");
  std::vector<int64_t> dims(a.dims.begin(), a.dims.end() - 2);
  const size_t batch = CountOf(call, dims);
  dims.insert(dims.end(), {m, n});
  std::vector<float> product(CountOf(call, dims));
  for (size_t i = 0; i < batch; ++i) {
    Multiply(m, n, k, a.Floats().data() + i * m * k, b.Floats().data() + (shared ? 0 : i * k * n),
             product.data() + i * m * n);
  }
  return {Tensor::F32(std::move(dims), std::move(product))};
}

}  // namespace

std::optional<Results> EvaluateDense(const Call& call) {
  if (call.node.op == "Conv") return Conv(call);
  if (call.node.op == "Gemm") return Gemm(call);
  if (call.node.op == "MatMul") return MatMul(call);
  return std::nullopt;
}

}  // namespace bakeoff::graph
