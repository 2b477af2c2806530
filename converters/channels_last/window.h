// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Windows of convolutions and pools: ONNX's explicit padding as SAME, VALID, or an operator of its own.
#pragma once

#include <array>

#include "converters/channels_last/lowering.h"

namespace bakeoff::channels_last {

// Height first in all pairs.
struct Window {
  std::array<int32_t, 2> kernel{}, stride{1, 1}, dilation{1, 1}, in{}, out{};  // -1 where an extent is free
  std::array<int32_t, 2> before{}, after{};  // padding; `after` with what ceil_mode adds
  std::array<int32_t, 2> declared_after{};   // without it
};

// From the node's attributes; its input and output have rank 4. Throws Refusal for free extents where they matter.
Window WindowOf(const Node& node, std::array<int32_t, 2> kernel);

bool IsSame(const Window& window);   // SAME pads exactly so
bool IsValid(const Window& window);  // no padding

// The input with the padding made of `value` around it.
Index Padded(Lowering& to, const Node& node, Index input, const Window& window, float value);

// The bias of a convolution; zeros where there is none: it is optional in the format, but not every reader of it knows.
Index BiasOf(Lowering& to, const Node& node, size_t index, int64_t channels);

}  // namespace bakeoff::channels_last
