// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Is B faster than A? From one number per repetition, each of a process of its own, with an interval on the ratio.
// docs/measuring.md has the reasons.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bakeoff/json.h"

namespace bakeoff::measure {

// kTie: the interval has 1 in it and is narrow enough (kTieWidth) to mean it. kUnclear: it is too wide, or there are
// too few repetitions.
enum class Verdict { kFaster, kSlower, kTie, kUnclear };
std::string_view VerdictName(Verdict verdict);  // "faster", "slower", "tie", "unclear"

inline constexpr double kAlpha = 0.01;
// A tie says that the ratio lies within 1 / 1.1 .. 1.1.
inline constexpr double kTieWidth = 1.1;
// Fewer repetitions on either side give no verdict: with two, the interval hangs on a single difference.
inline constexpr size_t kLeastRepetitions = 3;

struct Comparison {
  size_t count_a = 0, count_b = 0;      // repetitions
  std::optional<double> ratio;          // geometric mean of B over that of A
  std::optional<double> low, high;      // interval of the ratio with confidence 1 - alpha
  Verdict verdict = Verdict::kUnclear;  // of B, where less is better
  std::string reason;                   // why it is unclear
  // Where the repetitions differ too much: how many of each would decide, if they went on as they are.
  std::optional<size_t> repetitions_needed;
};

// Values are times, or anything above zero of which less is better; take 1 / value where more is better. `paired`:
// value i of both sides was measured in the same round of one interleaved campaign, so that what drifts falls on both;
// else they are independent (Welch). On logarithms, because what disturbs multiplies: the ratio and its inverse then
// have the same interval.
Comparison Compare(std::span<const double> a, std::span<const double> b, bool paired, double alpha = kAlpha);

Json ToJson(const Comparison& comparison);

}  // namespace bakeoff::measure
