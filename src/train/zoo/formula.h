// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Weights by a stated formula of parameter name and index, the same in bench/train/zoo_golden.py: so that two
// implementations of a network can be compared without shipping weights.
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <string_view>

namespace bakeoff::train::zoo {

// Element i is (splitmix64(fnv1a64(name) + i) >> 40) / 2^24, in [0, 1). f64, of the given shape.
torch::Tensor FormulaUniform(std::string_view name, c10::IntArrayRef shape);

// Fills every parameter and buffer; by kind: variances 0.75 + u/2; means, biases, tokens, embeddings and layer scales
// (u - 1/2)/5; other vectors 0.9 + u/5; the rest 2 (u - 1/2) sqrt(3 / fan in), computed in f64 and rounded to f32.
void FillByFormula(torch::nn::Module& module);

}  // namespace bakeoff::train::zoo
