// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Convolutions: filters turn from output, input, height, width to the orders of the targets.
#include "converters/channels_last/window.h"

namespace bakeoff::channels_last {
namespace {

// What both kinds of convolution are told.
template <typename T>
T WindowOptions(const Window& window, tflite::Padding padding) {
  T options;
  options.padding = padding;
  options.stride_h = window.stride[0];
  options.stride_w = window.stride[1];
  options.dilation_h = window.dilation[0];
  options.dilation_w = window.dilation[1];
  return options;
}

void Conv(Lowering& to, const Node& node) {
  const graph::Tensor* weights = Constant(node.input(1));
  if (!weights) throw Refusal{"its weights must be a constant"};
  if (weights->dims.size() != 4) throw Refusal{"only convolutions over height and width are converted"};
  const int64_t outputs = weights->dims[0], inputs_per_group = weights->dims[1];
  const int64_t groups = node.Int("group", 1);
  const Window window =
      WindowOf(node, {static_cast<int32_t>(weights->dims[2]), static_cast<int32_t>(weights->dims[3])});
  const bool depthwise = groups > 1 && inputs_per_group == 1;
  const std::string& name = node.input(1)->name();
  const Index filter = depthwise ? to.program().AddConstant(name, *weights, weights->dims, {1, 2, 3, 0}, true)
                                 : to.program().AddConstant(name, *weights, weights->dims, {0, 2, 3, 1}, true);
  const Index bias = BiasOf(to, node, 2, outputs);
  Index input = to.In(node, 0);
  const bool same = IsSame(window) && !IsValid(window);
  if (!same && !IsValid(window)) input = Padded(to, node, input, window, 0);
  const auto padding = same ? tflite::Padding::SAME : tflite::Padding::VALID;
  if (depthwise) {
    auto options = WindowOptions<tflite::DepthwiseConv2DOptionsT>(window, padding);
    options.depth_multiplier = static_cast<int32_t>(outputs / groups);
    to.Op(BuiltinOperator::DEPTHWISE_CONV_2D, {input, filter, bias}, to.Out(node), Options(options));
    return;
  }
  // Groups need no field: the runtime sees them from the filter's number of channels.
  to.Op(BuiltinOperator::CONV_2D, {input, filter, bias}, to.Out(node),
        Options(WindowOptions<tflite::Conv2DOptionsT>(window, padding)), groups > 1 ? 6 : 1);
}

constexpr Rule kRules[] = {{"Conv", graph::LayoutRule::kChannelsLast, Conv}};

}  // namespace

std::span<const Rule> ConvolutionRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
