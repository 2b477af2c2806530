// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Two classifiers on the same examples: is one right more often, or is that chance?
#pragma once

#include <cstdint>
#include <string_view>

#include "core/statistics.h"

namespace bakeoff::core {

// How often which of the two was right, example by example.
struct PairedCounts {
  int64_t both_right = 0, only_first = 0, only_second = 0, both_wrong = 0;

  int64_t examples() const { return both_right + only_first + only_second + both_wrong; }
};

// McNemar's exact test (McNemar 1947; the binomial form that holds for any number of disagreements): the probability,
// if neither were better, of disagreements at least as lopsided as these. 1 without a disagreement.
double McNemar(const PairedCounts& counts);

// 99 % interval of first's accuracy less second's. Bonett and Price 2012, "Adjusted Wald Confidence Interval for a
// Difference of Binomial Proportions Based on Paired Data": one imaginary disagreement on either side keeps its
// coverage near 99 % also where disagreements are few. {0, 0} without examples.
Interval PairedDifference(const PairedCounts& counts);

// "better" or "worse" (first than second) where McNemar's p is below 0.01 and the interval leaves zero out, else "tie".
std::string_view PairedVerdict(const PairedCounts& counts);
// That verdict for a reader: a test that finds no difference proves no equality.
std::string_view PairedVerdictText(std::string_view verdict);

}  // namespace bakeoff::core
