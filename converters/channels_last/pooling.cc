// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pools. What SAME and VALID cannot say is padded before, and averages are corrected for it afterwards.
#include <algorithm>
#include <limits>

#include "converters/channels_last/window.h"

namespace bakeoff::channels_last {
namespace {

Window PoolWindow(const Node& node) {
  const auto kernel = node.Ints("kernel_shape");
  if (kernel.size() != 2) throw Refusal{"only pools over height and width are converted"};
  const Window window = WindowOf(node, {static_cast<int32_t>(kernel[0]), static_cast<int32_t>(kernel[1])});
  if (window.dilation != std::array<int32_t, 2>{1, 1}) throw Refusal{"the target's pools have no dilation"};
  if (node.outputs().size() > 1 && node.output(1)) throw Refusal{"the target's pools do not tell indices"};
  return window;
}

BuiltinOptionsUnion PoolOptions(const Window& window, bool same) {
  tflite::Pool2DOptionsT options;
  options.padding = same ? tflite::Padding::SAME : tflite::Padding::VALID;
  options.stride_h = window.stride[0];
  options.stride_w = window.stride[1];
  options.filter_height = window.kernel[0];
  options.filter_width = window.kernel[1];
  return Options(std::move(options));
}

void MaxPool(Lowering& to, const Node& node) {
  const Window window = PoolWindow(node);
  Index input = to.In(node, 0);
  const bool same = IsSame(window) && !IsValid(window);
  if (!same && !IsValid(window)) input = Padded(to, node, input, window, std::numeric_limits<float>::lowest());
  to.Op(BuiltinOperator::MAX_POOL_2D, {input}, to.Out(node), PoolOptions(window, same));
}

// How many of the window's places count at each output along one axis.
std::vector<float> Counts(const Window& window, size_t axis, bool count_padding) {
  const int32_t low = count_padding ? 0 : window.before[axis];
  const int32_t high = window.before[axis] + window.in[axis] + (count_padding ? window.declared_after[axis] : 0);
  std::vector<float> counts;
  for (int32_t i = 0; i < window.out[axis]; ++i) {
    const int32_t start = i * window.stride[axis];
    counts.push_back(static_cast<float>(std::min(start + window.kernel[axis], high) - std::max(start, low)));
  }
  return counts;
}

void AveragePool(Lowering& to, const Node& node) {
  const Window window = PoolWindow(node);
  const bool count_padding = node.Int("count_include_pad", 0) != 0;
  Index input = to.In(node, 0);
  // SAME leaves its padding out of the average.
  if (IsValid(window) || (!count_padding && IsSame(window))) {
    to.Op(BuiltinOperator::AVERAGE_POOL_2D, {input}, to.Out(node), PoolOptions(window, !IsValid(window)));
    return;
  }
  input = Padded(to, node, input, window, 0);
  if (count_padding && window.after == window.declared_after) {
    to.Op(BuiltinOperator::AVERAGE_POOL_2D, {input}, to.Out(node), PoolOptions(window, false));
    return;
  }
  if (window.in[0] < 0 || window.in[1] < 0 || window.out[0] < 0 || window.out[1] < 0)
    throw Refusal{"what its average leaves out depends on a free size", kFixShapes};
  const auto rows = Counts(window, 0, count_padding), columns = Counts(window, 1, count_padding);
  std::vector<float> factors;
  for (const float row : rows) {
    for (const float column : columns)
      factors.push_back(static_cast<float>(window.kernel[0] * window.kernel[1]) / (row * column));
  }
  const Index average = to.Temporary(node, to.program().Type(input), Lowering::Lies(*node.output(0)));
  to.Op(BuiltinOperator::AVERAGE_POOL_2D, {input}, average, PoolOptions(window, false));
  const Index factor =
      to.program().AddConstant(node.output(0)->name() + ".factors",
                               graph::Tensor::F32({1, window.out[0], window.out[1], 1}, std::move(factors)));
  to.Op(BuiltinOperator::MUL, {average, factor}, to.Out(node), Options(tflite::MulOptionsT{}));
}

template <BuiltinOperator kCode>
void GlobalPool(Lowering& to, const Node& node) {
  if (!node.input(0)->shape || node.input(0)->shape->size() != 4) throw Refusal{"only inputs of rank 4 are converted"};
  tflite::ReducerOptionsT options;
  options.keep_dims = true;
  to.Op(kCode, {to.In(node, 0), to.program().AddInts({1, 2})}, to.Out(node), Options(std::move(options)));
}

constexpr Rule kRules[] = {
    {"MaxPool", graph::LayoutRule::kChannelsLast, MaxPool},
    {"AveragePool", graph::LayoutRule::kChannelsLast, AveragePool},
    {"GlobalAveragePool", graph::LayoutRule::kChannelsLast, GlobalPool<BuiltinOperator::MEAN>},
    {"GlobalMaxPool", graph::LayoutRule::kChannelsLast, GlobalPool<BuiltinOperator::REDUCE_MAX>},
};

}  // namespace

std::span<const Rule> PoolingRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
