// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Results of costly operators without their cost: only the shape of what depends on an input is looked at.
#pragma once

#include <ATen/core/stack.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>

namespace bakeoff::torchscript {

// A tensor of zeros like the node's only result for these arguments, for convolutions, matrix products and what else
// networks do most; where the node writes in place, its first argument, untouched. Nothing for every other operator,
// and wherever an argument is unusual or does not fit: running the node says what is wrong.
std::optional<at::Tensor> ResultOfSameShape(const torch::jit::Node& node, const torch::jit::Stack& arguments);

}  // namespace bakeoff::torchscript
