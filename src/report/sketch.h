// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A distribution in a few numbers: quantiles of raw samples, added run by run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace bakeoff::report {

class Sketch {
 public:
  // The samples of one run, in any order; they are not kept.
  void Add(std::vector<int64_t> samples);
  size_t count() const { return count_; }

  // 0 <= share <= 1, of all runs together, each sample counting the same.
  double Quantile(double share) const;
  // Value and width of a violin, 0 to 1, from the 0.5th to the 99.5th percentile: a kernel estimate on logarithms.
  std::vector<std::pair<double, double>> Outline() const;

 private:
  size_t count_ = 0;
  std::vector<std::pair<double, double>> points_;  // value and weight, ascending
};

}  // namespace bakeoff::report
