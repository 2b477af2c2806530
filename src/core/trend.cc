// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Kendall's ranks. Without ties S has the variance n (n - 1) (2 n + 5) / 18; ties make it smaller and are not taken
// into account: tests are then more careful than they say, and intervals wider.
#include "core/trend.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace bakeoff::core {
namespace {

constexpr double kNormal995 = 2.5758;  // of the normal distribution

double DeviationOfS(size_t count) {
  const auto n = static_cast<double>(count);
  return std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

}  // namespace

int RisesLessFalls(std::span<const double> values) {
  int s = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t k = i + 1; k < values.size(); ++k) s += values[k] > values[i] ? 1 : values[k] < values[i] ? -1 : 0;
  }
  return s;
}

int Direction(std::span<const double> values) {
  const int s = RisesLessFalls(values);
  // S moves in steps: 1 is the usual correction for that.
  if (std::abs(s) - 1 < kNormal995 * DeviationOfS(values.size())) return 0;
  return s > 0 ? 1 : -1;
}

std::optional<Slope> TheilSen(std::span<const double> x, std::span<const double> y) {
  std::vector<double> slopes;
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t k = i + 1; k < x.size(); ++k) slopes.push_back((y[k] - y[i]) / (x[k] - x[i]));
  }
  const auto pairs = static_cast<double>(slopes.size());
  // So many slopes lie outside at either end.
  const double rank = std::floor((pairs - kNormal995 * DeviationOfS(x.size())) / 2);
  if (rank < 1) return std::nullopt;
  std::sort(slopes.begin(), slopes.end());
  const auto outside = static_cast<size_t>(rank);
  return Slope{*Median(slopes), {slopes[outside - 1], slopes[slopes.size() - outside]}};
}

}  // namespace bakeoff::core
