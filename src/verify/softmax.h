// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Looks behind a final softmax without a second model: its input is the logarithm of its output, up to a constant per
// row. Softmax presses differences of logits into the last digits of probabilities that are near 0 or near each other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bakeoff::verify {

// Whether every row of `row` values is a probability distribution with more than one value: none negative, sum 1.
bool IsDistribution(std::span<const double> values, int64_t row);

// Per row: logarithms less their mean. Values below 1e-30, which f32 cannot tell from each other as results of exp(),
// count as 1e-30.
std::vector<double> LogitsOf(std::span<const double> probabilities, int64_t row);

}  // namespace bakeoff::verify
