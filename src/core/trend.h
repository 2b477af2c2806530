// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Whether values rise, and how steeply, by ranks alone: no distribution is assumed, and no odd value decides.
#pragma once

#include <optional>
#include <span>

#include "core/statistics.h"

namespace bakeoff::core {

// Mann and Kendall's S: pairs of values that rise, less those that fall.
int RisesLessFalls(std::span<const double> values);

// 1 where Mann-Kendall's test says at 0.01 (both sides) that they rise, -1 that they fall, else 0.
int Direction(std::span<const double> values);

// Theil and Sen's slope, the median of the slopes of all pairs, and its 99 % interval by ranks (Sen 1968).
struct Slope {
  double slope = 0;
  Interval interval;
};
// `x` ascends strictly and is as long as `y`; nullopt where that is too short for an interval.
std::optional<Slope> TheilSen(std::span<const double> x, std::span<const double> y);

}  // namespace bakeoff::core
