// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Probabilities back to logits.
#include "verify/softmax.h"

#include <algorithm>
#include <cmath>

namespace bakeoff::verify {
namespace {

constexpr double kLeast = 1e-30;
// Half-precision probabilities sum to 1 within this.
constexpr double kSumTolerance = 5e-3;

}  // namespace

bool IsDistribution(std::span<const double> values, int64_t row) {
  if (row < 2 || values.empty() || values.size() % static_cast<size_t>(row) != 0) return false;
  const auto width = static_cast<size_t>(row);
  for (size_t at = 0; at < values.size(); at += width) {
    double sum = 0;
    for (const double value : values.subspan(at, width)) {
      if (!(value >= 0)) return false;
      sum += value;
    }
    if (!(std::abs(sum - 1) <= kSumTolerance)) return false;
  }
  return true;
}

std::vector<double> LogitsOf(std::span<const double> probabilities, int64_t row) {
  std::vector<double> logits;
  logits.reserve(probabilities.size());
  const auto width = static_cast<size_t>(row);
  for (size_t at = 0; at < probabilities.size(); at += width) {
    double sum = 0;
    for (const double value : probabilities.subspan(at, width)) {
      // NaN stays NaN: it must not become agreement.
      logits.push_back(std::isnan(value) ? value : std::log(std::max(value, kLeast)));
      sum += logits.back();
    }
    const double mean = sum / static_cast<double>(row);
    for (size_t i = at; i < at + width; ++i) logits[i] -= mean;
  }
  return logits;
}

}  // namespace bakeoff::verify
