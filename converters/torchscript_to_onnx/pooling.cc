// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pooling.
#include <ATen/Functions.h>

#include <algorithm>

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

bool SpatialVaries(Emit& e, size_t spatial) {
  for (int64_t axis = e.Rank(0) - static_cast<int64_t>(spatial); axis < e.Rank(0); ++axis) {
    if (e.SizeVaries(0, axis)) return true;
  }
  return false;
}

// Runs `write` on a batch, also where PyTorch was given a single picture.
template <typename Write>
void OnBatch(Emit& e, size_t spatial, Write write) {
  const bool single = e.Rank(0) == static_cast<int64_t>(spatial) + 1;
  graph::Value* x = single ? e.Unsqueeze(e.Value(0), {0}) : e.Value(0);
  graph::Value* y = write(x);
  e.Set(single ? e.Squeeze(y, {0}) : y);
}

// (self, kernel, stride, padding, dilation, ceil_mode)
template <size_t kSpatial>
void MaxPool(Emit& e) {
  const auto kernel = e.Ints(1, kSpatial), padding = e.Ints(3, kSpatial, std::vector<int64_t>(kSpatial, 0));
  const auto stride = e.Ints(2, kSpatial, kernel), dilation = e.Ints(4, kSpatial, std::vector<int64_t>(kSpatial, 1));
  std::vector<int64_t> pads = padding;
  pads.insert(pads.end(), padding.begin(), padding.end());
  bool ceil = e.Bool(5);
  if (ceil && !SpatialVaries(e, kSpatial)) {
    // Rounding up is padding at the end, which maxima do not see; some runtimes round otherwise than PyTorch.
    const auto in = e.Sizes(0), out = e.ResultSizes();
    for (size_t i = 0; i < kSpatial; ++i) {
      const size_t axis = in.size() - kSpatial + i;
      const int64_t reach = (out[axis] - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1;
      pads[kSpatial + i] = std::max<int64_t>(0, reach - in[axis] - padding[i]);
    }
    ceil = false;
  }
  OnBatch(e, kSpatial, [&](graph::Value* x) {
    return e.Op("MaxPool", {x},
                {{"kernel_shape", kernel},
                 {"strides", stride},
                 {"dilations", dilation},
                 {"pads", pads},
                 {"ceil_mode", static_cast<int64_t>(ceil)}});
  });
}

// (self, kernel, stride, padding, ceil_mode, count_include_pad, divisor_override)
template <size_t kSpatial>
void AvgPool(Emit& e) {
  if (!e.IsNone(6)) throw Unsupported("a divisor of its own");
  const auto kernel = e.Ints(1, kSpatial), padding = e.Ints(3, kSpatial, std::vector<int64_t>(kSpatial, 0));
  const auto stride = e.Ints(2, kSpatial, kernel);
  std::vector<int64_t> pads = padding;
  pads.insert(pads.end(), padding.begin(), padding.end());
  OnBatch(e, kSpatial, [&](graph::Value* x) {
    return e.Op("AveragePool", {x},
                {{"kernel_shape", kernel},
                 {"strides", stride},
                 {"pads", pads},
                 {"ceil_mode", static_cast<int64_t>(e.Bool(4))},
                 {"count_include_pad", static_cast<int64_t>(e.Bool(5))}});
  });
}

// Row o of the matrix that averages `in` extents to `out`: from floor(o in / out) to ceil((o + 1) in / out), as
// PyTorch.
at::Tensor Averages(int64_t in, int64_t out, at::ScalarType type) {
  at::Tensor matrix = at::zeros({out, in}, type);
  for (int64_t o = 0; o < out; ++o) {
    const int64_t start = o * in / out, end = ((o + 1) * in + out - 1) / out;
    matrix[o].slice(0, start, end).fill_(1.0 / static_cast<double>(end - start));
  }
  return matrix;
}

template <size_t kSpatial>
void AdaptiveAvgPool(Emit& e) {
  const auto in = e.Sizes(0), out = e.ResultSizes();
  const size_t first = in.size() - kSpatial;
  const std::vector<int64_t> from(in.begin() + static_cast<std::ptrdiff_t>(first), in.end()),
      to(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
  const bool one = std::all_of(to.begin(), to.end(), [](int64_t extent) { return extent == 1; });
  if (one) {
    return OnBatch(e, kSpatial, [&](graph::Value* x) { return e.Op("GlobalAveragePool", {x}); });
  }
  if (SpatialVaries(e, kSpatial)) throw Unsupported("adaptive pooling of a free size to more than one value");
  if (from == to) return e.Set(e.Value(0));
  std::vector<int64_t> kernel;
  for (size_t i = 0; i < kSpatial; ++i) {
    if (from[i] % to[i] == 0) kernel.push_back(from[i] / to[i]);
  }
  if (kernel.size() == kSpatial) {
    return OnBatch(e, kSpatial, [&](graph::Value* x) {
      return e.Op("AveragePool", {x}, {{"kernel_shape", kernel}, {"strides", kernel}});
    });
  }
  if (kSpatial != 2) throw Unsupported("adaptive pooling to a size that does not divide");
  const at::ScalarType type = e.Type(0);
  graph::Value* rows = e.Op("MatMul", {e.Constant(Averages(from[0], to[0], type)), e.Value(0)});
  e.Set(e.Op("MatMul", {rows, e.Constant(Averages(from[1], to[1], type).t())}));
}

constexpr OperatorRow kRows[] = {
    {"aten::max_pool1d", MaxPool<1>},
    {"aten::max_pool2d", MaxPool<2>},
    {"aten::max_pool3d", MaxPool<3>},
    {"aten::avg_pool2d", AvgPool<2>},
    {"aten::avg_pool3d", AvgPool<3>},
    {"aten::adaptive_avg_pool1d", AdaptiveAvgPool<1>},
    {"aten::adaptive_avg_pool2d", AdaptiveAvgPool<2>},
    {"aten::adaptive_avg_pool3d", AdaptiveAvgPool<3>},
};

}  // namespace

std::span<const OperatorRow> PoolingOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
