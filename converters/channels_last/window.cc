// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Padding arithmetic.
#include "converters/channels_last/window.h"

#include <fmt/format.h>

#include <algorithm>

namespace bakeoff::channels_last {
namespace {

int32_t Reach(const Window& window, size_t axis) {
  return (window.kernel[axis] - 1) * window.dilation[axis] + 1;
}

// What SAME pads in all: so much that every stride of the input has an output.
int32_t SameTotal(const Window& window, size_t axis) {
  const int32_t outputs = (window.in[axis] + window.stride[axis] - 1) / window.stride[axis];
  return std::max((outputs - 1) * window.stride[axis] + Reach(window, axis) - window.in[axis], 0);
}

std::array<int32_t, 2> Pair(const Node& node, const char* attribute, int32_t otherwise) {
  const auto values = node.Ints(attribute);
  if (values.empty()) return {otherwise, otherwise};
  if (values.size() != 2) throw Refusal{"only windows over height and width are converted"};
  return {static_cast<int32_t>(values[0]), static_cast<int32_t>(values[1])};
}

void TakePadding(const Node& node, Window& window) {
  const std::string automatic = node.String("auto_pad", "NOTSET");
  if (automatic == "NOTSET") {
    const auto pads = node.Ints("pads");
    if (pads.empty()) return;
    if (pads.size() != 4) throw Refusal{"only windows over height and width are converted"};
    for (size_t axis = 0; axis < 2; ++axis) {
      window.before[axis] = static_cast<int32_t>(pads[axis]);
      window.after[axis] = static_cast<int32_t>(pads[axis + 2]);
    }
    return;
  }
  if (automatic == "VALID") return;
  for (size_t axis = 0; axis < 2; ++axis) {
    if (window.in[axis] < 0 && window.stride[axis] != 1)
      throw Refusal{"its automatic padding depends on a free size", kFixShapes};
    const int32_t total = window.in[axis] < 0 ? Reach(window, axis) - 1 : SameTotal(window, axis);
    window.before[axis] = automatic == "SAME_LOWER" ? total - total / 2 : total / 2;
    window.after[axis] = total - window.before[axis];
  }
}

}  // namespace

Window WindowOf(const Node& node, std::array<int32_t, 2> kernel) {
  const Value *x = node.input(0), *y = node.output(0);
  if (!x || !x->shape || x->shape->size() != 4) throw Refusal{"only inputs of rank 4 are converted"};
  Window window{.kernel = kernel, .stride = Pair(node, "strides", 1), .dilation = Pair(node, "dilations", 1)};
  for (size_t axis = 0; axis < 2; ++axis) {
    window.in[axis] = static_cast<int32_t>((*x->shape)[axis + 2].Value().value_or(-1));
    const bool known = y && y->shape && y->shape->size() == 4;
    window.out[axis] = known ? static_cast<int32_t>((*y->shape)[axis + 2].Value().value_or(-1)) : -1;
  }
  TakePadding(node, window);
  window.declared_after = window.after;
  if (node.Int("ceil_mode", 0) != 0) {
    for (size_t axis = 0; axis < 2; ++axis) {
      if (window.in[axis] < 0 || window.out[axis] < 0) {
        // A division rounded down becomes one rounded up by adding stride - 1. What that pads too much lies in no
        // window, and no window begins in the padding, where ONNX leaves one out, if the following holds.
        if (window.declared_after[axis] + window.stride[axis] > Reach(window, axis))
          throw Refusal{"with ceil_mode its padding depends on a free size", kFixShapes};
        window.after[axis] += window.stride[axis] - 1;
        continue;
      }
      const int32_t needs = (window.out[axis] - 1) * window.stride[axis] + Reach(window, axis) - window.in[axis];
      window.after[axis] = std::max(window.after[axis], needs - window.before[axis]);
    }
  }
  return window;
}

bool IsValid(const Window& window) {
  return window.before == std::array<int32_t, 2>{} && window.after == std::array<int32_t, 2>{};
}

bool IsSame(const Window& window) {
  for (size_t axis = 0; axis < 2; ++axis) {
    if (window.in[axis] < 0 && window.stride[axis] != 1) return false;
    const int32_t total = window.in[axis] < 0 ? Reach(window, axis) - 1 : SameTotal(window, axis);
    if (window.before[axis] != total / 2 || window.after[axis] != total - total / 2) return false;
  }
  return true;
}

Index Padded(Lowering& to, const Node& node, Index input, const Window& window, float value) {
  std::vector<int32_t> extents = to.program().Extents(input);
  for (size_t axis = 0; axis < 2; ++axis) {
    if (extents[axis + 1] >= 0) extents[axis + 1] += window.before[axis] + window.after[axis];
  }
  const std::vector<int32_t> amounts{0, 0, window.before[0], window.after[0], window.before[1], window.after[1], 0, 0};
  const graph::Tensor table{graph::ElementType::kI32, {4, 2}, graph::Bytes::OwnAs(amounts), {}};
  const Index paddings = to.program().AddConstant(node.output(0)->name() + ".paddings", table);
  const Index padded = to.Temporary(node, to.program().Type(input), extents);
  if (value == 0) {
    to.Op(BuiltinOperator::PAD, {input, paddings}, padded, Options(tflite::PadOptionsT{}));
  } else {
    to.Op(BuiltinOperator::PADV2, {input, paddings, to.program().AddFloat(value)}, padded,
          Options(tflite::PadV2OptionsT{}));
  }
  return padded;
}

Index BiasOf(Lowering& to, const Node& node, size_t index, int64_t channels) {
  if (node.input(index)) {
    const graph::Tensor* bias = Constant(node.input(index));
    if (!bias || bias->Count() != channels) throw Refusal{"its bias must be a constant, one number per channel"};
    return to.program().AddConstant(node.input(index)->name(), *bias, {channels}, {}, true);
  }
  return to.program().AddConstant(fmt::format("{}.bias", node.output(0)->name()),
                                  graph::Tensor::F32({channels}, std::vector<float>(static_cast<size_t>(channels))));
}

}  // namespace bakeoff::channels_last
