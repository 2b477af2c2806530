// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Antialiased resizing: weights, the portable inner loops, and which source pixels a result needs.
#include "data/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace bakeoff::data {
namespace {

constexpr int kPrecision = 22;  // 32 bits less 8 of the sample and 2 for the bicubic's overshoot
constexpr int kSplit = 11;
constexpr size_t kSlack = 32;  // what the wide loops may touch beyond the end
constexpr size_t kKeptAxes = 8;

double Support(Filter filter) {
  return filter == Filter::kBilinear ? 1.0 : 2.0;
}

double Weight(Filter filter, double x) {
  x = std::fabs(x);
  if (filter == Filter::kBilinear) return x < 1.0 ? 1.0 - x : 0.0;
  constexpr double kA = -0.5;  // Keys' cubic, the usual choice
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

uint8_t Clip(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kPrecision, 0, 255));
}

void HorizontalPortable(const uint8_t* const* rows, int count, const ResizeAxis& axis, int begin, int end, uint8_t* out,
                        size_t stride) {
  for (int row = 0; row < count; ++row) {
    uint8_t* to = out + static_cast<size_t>(row) * stride;
    for (int i = begin; i < end; ++i, to += 3) {
      int32_t sum[3] = {1 << (kPrecision - 1), 1 << (kPrecision - 1), 1 << (kPrecision - 1)};
      const int32_t* weight = axis.weights.data() + static_cast<ptrdiff_t>(i) * axis.taps;
      const uint8_t* pixel = rows[row] + static_cast<ptrdiff_t>(axis.first[i]) * 3;
      for (int t = 0; t < axis.count[i]; ++t, pixel += 3) {
        for (int c = 0; c < 3; ++c) sum[c] += pixel[c] * weight[t];
      }
      for (int c = 0; c < 3; ++c) to[c] = Clip(sum[c]);
    }
  }
}

void VerticalPortable(const uint8_t* rows, size_t stride, const ResizeAxis& axis, int index, size_t bytes,
                      uint8_t* out) {
  constexpr size_t kBlock = 64;
  const int32_t* weight = axis.weights.data() + static_cast<ptrdiff_t>(index) * axis.taps;
  for (size_t x = 0; x < bytes; x += kBlock) {
    const size_t n = std::min(kBlock, bytes - x);
    int32_t sum[kBlock];
    std::fill_n(sum, n, 1 << (kPrecision - 1));
    for (int t = 0; t < axis.count[index]; ++t) {
      const uint8_t* row = rows + static_cast<size_t>(t) * stride + x;
      for (size_t j = 0; j < n; ++j) sum[j] += row[j] * weight[t];
    }
    for (size_t j = 0; j < n; ++j) out[x + j] = Clip(sum[j]);
  }
}

// First input and number of inputs of output i: the filter's reach around its centre, cut at the borders.
std::pair<int, int> Reach(int in, int out, Filter filter, int i) {
  const double scale = static_cast<double>(in) / out;
  const double support = Support(filter) * std::max(scale, 1.0);
  const double center = (i + 0.5) * scale;
  const int first = std::max(0, static_cast<int>(std::floor(center - support + 0.5)));
  const int last = std::min(in, static_cast<int>(std::floor(center + support + 0.5)));
  return {first, last - first};
}

}  // namespace

const ResizeKernels kPortableKernels = {HorizontalPortable, VerticalPortable};

ResizeAxis MakeAxis(int in, int out, Filter filter) {
  ResizeAxis axis{.in = in, .out = out, .filter = filter};
  const double scale = static_cast<double>(in) / out;
  const double stretch = std::max(scale, 1.0);
  for (int i = 0; i < out; ++i) {
    const auto [first, count] = Reach(in, out, filter, i);
    axis.first.push_back(first), axis.count.push_back(count);
    axis.taps = std::max(axis.taps, (count + 3) / 4 * 4);
  }
  axis.weights.assign(static_cast<size_t>(out) * static_cast<size_t>(axis.taps), 0);
  std::vector<double> raw;
  for (int i = 0; i < out; ++i) {
    raw.assign(static_cast<size_t>(axis.count[i]), 0);
    const double center = (i + 0.5) * scale;
    double total = 0;
    for (size_t t = 0; t < raw.size(); ++t) {
      raw[t] = Weight(filter, (static_cast<double>(t) + axis.first[i] - center + 0.5) * (1.0 / stretch));
      total += raw[t];
    }
    for (size_t t = 0; t < raw.size(); ++t) {
      const double weight = (total != 0 ? raw[t] * (1.0 / total) : raw[t]) * (1 << kPrecision);
      axis.weights[static_cast<size_t>(i) * static_cast<size_t>(axis.taps) + t] =
          static_cast<int32_t>(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  axis.high.resize(axis.weights.size()), axis.low.resize(axis.weights.size());
  for (size_t j = 0; j < axis.weights.size(); ++j) {
    axis.high[j] = static_cast<int16_t>(axis.weights[j] >> kSplit);
    axis.low[j] = static_cast<int16_t>(axis.weights[j] & ((1 << kSplit) - 1));
  }
  return axis;
}

Box Resizer::Needed(const Box& from, int width, int height, Filter filter, const Box& keep) {
  const auto [left, ignored_w] = Reach(from.width, width, filter, keep.x);
  const auto [right, right_count] = Reach(from.width, width, filter, keep.x + keep.width - 1);
  const auto [top, ignored_h] = Reach(from.height, height, filter, keep.y);
  const auto [bottom, bottom_count] = Reach(from.height, height, filter, keep.y + keep.height - 1);
  return {from.x + left, from.y + top, right + right_count - left, bottom + bottom_count - top};
}

const ResizeAxis& Resizer::Axis(int in, int out, Filter filter) {
  const auto found = std::find_if(axes_.begin(), axes_.end(), [&](const ResizeAxis& axis) {
    return axis.in == in && axis.out == out && axis.filter == filter;
  });
  if (found != axes_.end()) {
    std::rotate(found, found + 1, axes_.end());
    return axes_.back();
  }
  if (axes_.size() >= kKeptAxes) axes_.erase(axes_.begin());
  axes_.push_back(MakeAxis(in, out, filter));
  return axes_.back();
}

void Resizer::Rows(const Image& source, const Box& from, const ResizeAxis& axis, const Box& keep, int top, int bottom) {
  // At least one byte between rows: the wide loop writes pixels as four bytes, several rows at a time.
  stride_ = (static_cast<size_t>(keep.width) * 3 + kSlack) / kSlack * kSlack;
  middle_.resize(stride_ * static_cast<size_t>(bottom - top) + kSlack);
  const size_t bytes = static_cast<size_t>(from.width) * 3, padded = bytes + kSlack;
  line_.resize(std::max(line_.size(), padded * kRowsTogether));
  for (int y = top; y < bottom; y += kRowsTogether) {
    const int count = std::min(kRowsTogether, bottom - y);
    const uint8_t* rows[kRowsTogether];
    for (int r = 0; r < count; ++r) {
      rows[r] = source.At(from.x, from.y + y + r);
      // Near the end of the picture's memory the wide loop would read beyond it.
      if (static_cast<size_t>(source.rgb.data() + source.rgb.size() - rows[r]) < padded) {
        uint8_t* const copy = line_.data() + padded * static_cast<size_t>(r);
        std::memcpy(copy, rows[r], bytes);
        rows[r] = copy;
      }
    }
    BestKernels().horizontal(rows, count, axis, keep.x, keep.x + keep.width,
                             middle_.data() + stride_ * static_cast<size_t>(y - top), stride_);
  }
}

void Resizer::Run(const Image& source, const Box& from, int width, int height, Filter filter, const Box& keep,
                  Image& out) {
  const Box needed = Needed(from, width, height, filter, keep);
  const int top = needed.y - from.y;
  Rows(source, from, Axis(from.width, width, filter), keep, top, top + needed.height);
  const ResizeAxis& axis = Axis(from.height, height, filter);
  out.Resize(keep.width, keep.height);
  const size_t bytes = static_cast<size_t>(keep.width) * 3;
  line_.resize(std::max(line_.size(), bytes + kSlack));
  for (int y = 0; y < keep.height; ++y) {
    const int index = keep.y + y;
    const uint8_t* rows = middle_.data() + stride_ * static_cast<size_t>(axis.first[index] - top);
    BestKernels().vertical(rows, stride_, axis, index, bytes, line_.data());
    std::memcpy(out.At(0, y), line_.data(), bytes);
  }
}

}  // namespace bakeoff::data
