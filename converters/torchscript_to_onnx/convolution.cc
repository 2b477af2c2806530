// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Convolutions and transposed convolutions of one to three dimensions.

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

struct Convolution {
  std::vector<int64_t> stride, padding, dilation, output_padding;
  std::string auto_pad;
  bool transposed = false;
  int64_t groups = 1;
};

void Write(Emit& e, const Convolution& convolution) {
  const auto kernel = e.In(1).tensor().sizes().vec();
  graph::Value* x = e.Value(0);
  // PyTorch takes a single picture without a batch as well.
  const bool single = e.Rank(0) == static_cast<int64_t>(kernel.size()) - 1;
  if (single) x = e.Unsqueeze(x, {0});
  Given attributes;
  attributes["kernel_shape"] = std::vector<int64_t>(kernel.begin() + 2, kernel.end());
  attributes["strides"] = convolution.stride;
  attributes["dilations"] = convolution.dilation;
  attributes["group"] = convolution.groups;
  if (convolution.auto_pad.empty()) {
    std::vector<int64_t> pads = convolution.padding;
    pads.insert(pads.end(), convolution.padding.begin(), convolution.padding.end());
    attributes["pads"] = std::move(pads);
  } else {
    attributes["auto_pad"] = convolution.auto_pad;
  }
  if (convolution.transposed) attributes["output_padding"] = convolution.output_padding;
  std::vector<graph::Value*> inputs{x, e.Value(1)};
  if (!e.IsNone(2)) inputs.push_back(e.Value(2));
  graph::Value* y = e.Op(convolution.transposed ? "ConvTranspose" : "Conv", std::move(inputs), std::move(attributes));
  e.Set(single ? e.Squeeze(y, {0}) : y);
}

size_t Spatial(Emit& e) {
  return static_cast<size_t>(e.Rank(1)) - 2;
}

// (input, weight, bias, stride, padding, dilation, transposed, output_padding, groups, ...)
void General(Emit& e) {
  const size_t n = Spatial(e);
  Write(e, {.stride = e.Ints(3, n),
            .padding = e.Ints(4, n),
            .dilation = e.Ints(5, n),
            .output_padding = e.Ints(7, n, std::vector<int64_t>(n, 0)),
            .auto_pad = {},
            .transposed = e.Bool(6),
            .groups = e.Int(8)});
}

// (input, weight, bias, stride, padding, dilation, groups); padding may be "same" or "valid".
void Plain(Emit& e) {
  const size_t n = Spatial(e);
  Convolution convolution{.stride = e.Ints(3, n, std::vector<int64_t>(n, 1)),
                          .padding = std::vector<int64_t>(n, 0),
                          .dilation = e.Ints(5, n, std::vector<int64_t>(n, 1)),
                          .output_padding = {},
                          .auto_pad = {},
                          .groups = e.Int(6)};
  if (!e.In(4).seen[0].isString()) {
    convolution.padding = e.Ints(4, n, convolution.padding);
  } else if (e.Text(4) == "same") {
    convolution.auto_pad = "SAME_UPPER";  // where it cannot be even, PyTorch too adds the odd one at the end
  }
  Write(e, convolution);
}

// (input, weight, bias, stride, padding, output_padding, groups, dilation)
void Transposed(Emit& e) {
  const size_t n = Spatial(e);
  Write(e, {.stride = e.Ints(3, n, std::vector<int64_t>(n, 1)),
            .padding = e.Ints(4, n, std::vector<int64_t>(n, 0)),
            .dilation = e.Ints(7, n, std::vector<int64_t>(n, 1)),
            .output_padding = e.Ints(5, n, std::vector<int64_t>(n, 0)),
            .auto_pad = {},
            .transposed = true,
            .groups = e.Int(6)});
}

constexpr OperatorRow kRows[] = {
    {"aten::_convolution", General},
    {"aten::convolution", General},
    {"aten::conv1d", Plain},
    {"aten::conv2d", Plain},
    {"aten::conv3d", Plain},
    {"aten::conv_transpose1d", Transposed},
    {"aten::conv_transpose2d", Transposed},
    {"aten::conv_transpose3d", Transposed},
};

}  // namespace

std::span<const OperatorRow> ConvolutionOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
