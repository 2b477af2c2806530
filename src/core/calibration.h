// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Whether a classifier is as sure as it is right: expected calibration error over bins of confidence.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "bakeoff/json.h"

namespace bakeoff::core {

// Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section 2: 15 bins of equal width, the m-th of 15
// takes ((m - 1) / 15, m / 15]; the error is the mean over all examples of |accuracy - mean confidence| of their bin.
// Feed one answer after the other; not thread-safe.
class Calibration {
 public:
  static constexpr size_t kBins = 15;

  // `confidence`: probability of the answer that was given, 0 to 1; what is not counts nowhere.
  void Add(double confidence, bool correct);

  int64_t examples() const { return examples_; }
  std::optional<double> ExpectedError() const;  // absent without examples
  // {"ece": e|null, "confidence_bins": [{"low", "high", "examples", "accuracy"|null, "confidence"|null}]}
  Json ToJson() const;

 private:
  struct Bin {
    int64_t examples = 0, correct = 0;
    double confidence = 0;  // sum
  };
  std::array<Bin, kBins> bins_{};
  int64_t examples_ = 0;
};

}  // namespace bakeoff::core
