// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// McNemar's test and the interval beside it.
#include "core/paired.h"

#include <algorithm>
#include <cmath>

namespace bakeoff::core {
namespace {

constexpr double kAlpha = 0.01;
constexpr double kNormal995 = 2.5758293035489004;  // the normal distribution's 0.995 quantile

}  // namespace

double McNemar(const PairedCounts& counts) {
  const int64_t disagreements = counts.only_first + counts.only_second;
  if (disagreements == 0) return 1;
  return std::min(1.0, 2 * BinomialCdf(std::min(counts.only_first, counts.only_second), disagreements, 0.5));
}

Interval PairedDifference(const PairedCounts& counts) {
  if (counts.examples() == 0) return {};
  const double all = static_cast<double>(counts.examples()) + 2;
  const double first = static_cast<double>(counts.only_first + 1) / all;
  const double second = static_cast<double>(counts.only_second + 1) / all;
  const double middle = first - second;
  const double half = kNormal995 * std::sqrt((first + second - middle * middle) / all);
  return {std::max(-1.0, middle - half), std::min(1.0, middle + half)};
}

std::string_view PairedVerdict(const PairedCounts& counts) {
  const Interval interval = PairedDifference(counts);
  if (McNemar(counts) >= kAlpha || (interval.low <= 0 && interval.high >= 0)) return "tie";
  return counts.only_first > counts.only_second ? "better" : "worse";
}

std::string_view PairedVerdictText(std::string_view verdict) {
  return verdict == "tie" ? "no difference proved" : verdict;
}

}  // namespace bakeoff::core
