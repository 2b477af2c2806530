// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How far one output lies from the reference, and whether that is within what its precision allows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bakeoff/json.h"
#include "bakeoff/tensor.h"

namespace bakeoff::verify {

// The output of a candidate against the same output of the reference, element by element. A value is nullopt where it
// does not exist.
struct Difference {
  int64_t elements = 0;
  int64_t not_finite = 0;            // NaN or infinite in the candidate
  int64_t reference_not_finite = 0;  // the same in the reference
  bool constant = false;             // every element of the candidate is the same, and there is more than one
  std::optional<double> max_abs;     // over elements that are finite in both
  // max_abs over the largest magnitude of the reference: what a tolerance can speak about. Element-wise relative
  // differences explode at zeros.
  std::optional<double> max_rel;
  // 10 log10 of signal power over error power. "Centred": the signal without its mean, so that a constant offset in the
  // outputs cannot hide an error. kSqnrExact where the outputs are identical.
  std::optional<double> sqnr_db;
  std::optional<double> centred_sqnr_db;
  // Share of rows (last axis) whose largest element stands at the same place; for outputs of two or more in the last
  // axis.
  std::optional<double> top1_agreement;
  // Spread of the reference over its size. Below kWeakSpread, agreement proves little: the outputs hardly depend on
  // anything.
  std::optional<double> std_over_rms;
  bool weak = false;
};

inline constexpr double kSqnrExact = 999;
inline constexpr double kWeakSpread = 0.05;

// Same number of elements in both; `row` is the extent of the last axis (0 or 1: no top-1).
Difference Compare(std::span<const double> reference, std::span<const double> candidate, int64_t row);

// What a precision allows. docs/conversion.md has the reasons.
struct Tolerance {
  std::string name;            // "f32"
  double centred_sqnr_db = 0;  // at least
  double max_rel = 0;          // at most; 0: not asked
};

// For "f32", "f16", "bf16", "i8"; a number is a level in dB by itself. Throws Error{kUsage} naming the known ones.
Tolerance ToleranceFor(std::string_view name);
// The loosest of several precisions: a comparison can be no better than its worse side. Unknown names count as f32.
std::string LoosestPrecision(std::initializer_list<std::string_view> precisions);

enum class Verdict { kAgree, kWeak, kMismatch };
std::string_view VerdictName(Verdict verdict);  // "agree", "weak", "mismatch"

struct Judged {
  Verdict verdict = Verdict::kAgree;
  std::string reason;  // "" when they agree
};

// `type` is the output's element type: integers of 8 bits may differ by one step of rounding, wider ones (labels,
// indices) not at all.
Judged Judge(const Difference& difference, DType type, const Tolerance& tolerance);

// What can be said without a reference: NaN, infinite or constant values.
Judged JudgeAlone(const Difference& difference);
// The facts for JudgeAlone().
Difference Inspect(std::span<const double> candidate);

// A centred SQNR for a table: "104.2", "exact", "-" where there is none.
std::string LevelText(const std::optional<double>& db);

Json ToJson(const Difference& difference);

}  // namespace bakeoff::verify
