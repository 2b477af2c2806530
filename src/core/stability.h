// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the samples of one run say against being summarised by a median: outliers, drift, two modes; and an interval of
// the mean that does not take them for independent. docs/measuring.md has the reasons.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/statistics.h"

namespace bakeoff::core {

struct Outliers {
  int64_t count = 0;      // samples more than 10 scaled MADs above the median
  double time_share = 0;  // of the whole time, what they took beyond the median
};

// Medians of ten equal parts, in the order of measuring.
struct Drift {
  double change = 0;         // from the first part to the last, as a share of the median, along the line through them
  bool significant = false;  // Mann-Kendall's test of the ten medians at 0.01, and a change of at least 1 %
};

struct Modes {
  double low_ns = 0, high_ns = 0;  // means of the two
  double high_share = 0;           // of samples
};

struct Stability {
  std::optional<Outliers> outliers;  // of at least 10 samples
  std::optional<Drift> drift;        // of at least 100
  std::optional<Modes> modes;        // only where there are two, of at least 100 samples
  // 99 % interval of the mean from the means of 20 parts (batch means): neighbours are alike, parts hardly. Of at least
  // 100 samples.
  std::optional<Interval> mean;
};

// `samples` in the order of measuring.
Stability StabilityOf(std::span<const int64_t> samples);

}  // namespace bakeoff::core
