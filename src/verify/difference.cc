// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Signal-to-noise ratios and verdicts.
#include "verify/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bakeoff/error.h"
#include "core/elements.h"
#include "core/text.h"

namespace bakeoff::verify {
namespace {

double Decibel(double ratio) {
  return 10 * std::log10(ratio);
}

std::optional<double> Sqnr(double signal, double noise) {
  if (noise == 0) return kSqnrExact;
  // Not finite: squares beyond the range of double. Nothing can be said then, and nothing said is no agreement.
  const double level = Decibel(signal / noise);
  if (signal == 0 || !std::isfinite(level)) return std::nullopt;
  return std::min(level, kSqnrExact);
}

std::optional<double> Top1(std::span<const double> reference, std::span<const double> candidate, int64_t row) {
  if (row < 2 || reference.size() % static_cast<size_t>(row) != 0 || reference.empty()) return std::nullopt;
  const auto width = static_cast<size_t>(row);
  size_t same = 0;
  for (size_t at = 0; at < reference.size(); at += width) {
    const auto one = reference.subspan(at, width);
    const auto other = candidate.subspan(at, width);
    same += std::max_element(one.begin(), one.end()) - one.begin() ==
                    std::max_element(other.begin(), other.end()) - other.begin()
                ? 1
                : 0;
  }
  return static_cast<double>(same) / (static_cast<double>(reference.size()) / static_cast<double>(width));
}

struct PrecisionRow {
  std::string_view name;
  double centred_sqnr_db;
  double max_rel;
};

// From tight to loose. f32: 90 dB is what reordered sums, other convolution algorithms and fused operators leave in
// practice, with room; a swapped channel or a lost bias is far below. f16 has 11 bits of significand (66 dB per
// rounding), bf16 8 bits (48 dB); networks add up such roundings.
constexpr std::array kPrecisions = {
    PrecisionRow{"f32", 90, 1e-4},
    PrecisionRow{"f16", 50, 0},
    PrecisionRow{"bf16", 30, 0},
    PrecisionRow{"i8", 30, 0},
};

// Agreement must not rest on outputs that say nothing.
Judged Weakened(const Difference& difference, Judged judged) {
  if (judged.verdict != Verdict::kAgree || !difference.weak) return judged;
  return {Verdict::kWeak,
          fmt::format("weak proof: the outputs hardly vary (std/rms {:.2g})", difference.std_over_rms.value_or(0))};
}

}  // namespace

Difference Inspect(std::span<const double> candidate) {
  Difference result;
  result.elements = static_cast<int64_t>(candidate.size());
  result.not_finite =
      std::count_if(candidate.begin(), candidate.end(), [](double value) { return !std::isfinite(value); });
  result.constant = candidate.size() > 1 && std::all_of(candidate.begin(), candidate.end(),
                                                        [&](double value) { return value == candidate[0]; });
  return result;
}

Difference Compare(std::span<const double> reference, std::span<const double> candidate, int64_t row) {
  if (reference.size() != candidate.size())
    throw Error(ErrorCode::kInternal, "outputs of different sizes were compared");
  Difference result = Inspect(candidate);
  double sum = 0, power = 0, noise = 0, largest = 0, max_abs = 0;
  size_t count = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    if (!std::isfinite(reference[i])) {
      ++result.reference_not_finite;
      continue;
    }
    if (!std::isfinite(candidate[i])) continue;
    const double error = candidate[i] - reference[i];
    ++count;
    sum += reference[i];
    power += reference[i] * reference[i];
    noise += error * error;
    largest = std::max(largest, std::abs(reference[i]));
    max_abs = std::max(max_abs, std::abs(error));
  }
  if (count == 0) return result;
  const double n = static_cast<double>(count);
  const double mean = sum / n;
  double spread = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    if (std::isfinite(reference[i]) && std::isfinite(candidate[i]))
      spread += (reference[i] - mean) * (reference[i] - mean);
  }
  result.max_abs = max_abs;
  if (largest > 0) {
    result.max_rel = max_abs / largest;
  } else if (max_abs == 0) {
    result.max_rel = 0;
  }
  result.sqnr_db = Sqnr(power, noise);
  result.centred_sqnr_db = Sqnr(spread, noise);
  result.std_over_rms = power > 0 ? std::sqrt(spread / power) : 0;
  result.weak = *result.std_over_rms < kWeakSpread;
  result.top1_agreement = Top1(reference, candidate, row);
  return result;
}

Tolerance ToleranceFor(std::string_view name) {
  std::vector<std::string> known;
  for (const PrecisionRow& row : kPrecisions) {
    if (row.name == name) return {std::string(name), row.centred_sqnr_db, row.max_rel};
    known.emplace_back(row.name);
  }
  if (const auto level = core::ParseReal(name); level && *level > 0 && *level < kSqnrExact)
    return {fmt::format("{:g} dB", *level), *level, 0};
  throw Error(ErrorCode::kUsage,
              fmt::format("unknown tolerance '{}'; give auto, {} or a level in dB above 0, 60 for example", name,
                          core::Join(known, ", ")));
}

std::string LoosestPrecision(std::initializer_list<std::string_view> precisions) {
  size_t loosest = 0;
  for (const std::string_view precision : precisions) {
    for (size_t i = 0; i < kPrecisions.size(); ++i) {
      if (kPrecisions[i].name == precision) loosest = std::max(loosest, i);
    }
  }
  return std::string(kPrecisions[loosest].name);
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAgree:
      return "agree";
    case Verdict::kWeak:
      return "weak";
    case Verdict::kMismatch:
      return "mismatch";
  }
  return "";
}

Judged JudgeAlone(const Difference& difference) {
  if (difference.not_finite > 0)
    return {Verdict::kMismatch,
            fmt::format("{} of {} values are NaN or infinite", difference.not_finite, difference.elements)};
  if (difference.constant) return {Verdict::kMismatch, fmt::format("all {} values are the same", difference.elements)};
  return {};
}

Judged Judge(const Difference& difference, DType type, const Tolerance& tolerance) {
  const bool floating = core::IsFloating(type);
  if (difference.not_finite > 0) return JudgeAlone(difference);
  if (difference.reference_not_finite > 0) {
    return {Verdict::kMismatch, fmt::format("{} of {} values of the reference are NaN or infinite",
                                            difference.reference_not_finite, difference.elements)};
  }
  if (difference.elements == 0 || !difference.max_abs)
    return {Verdict::kWeak, "weak proof: there are no values to compare"};
  // Labels and masks may be constant in truth; one that the reference shares is weak, not wrong (but see answers.cc).
  if (*difference.max_abs == 0) return Weakened(difference, {});
  if (!floating) {
    const double step = type == DType::kI8 || type == DType::kU8 ? 1 : 0;
    if (*difference.max_abs <= step) return Weakened(difference, {});
    return {Verdict::kMismatch, fmt::format("whole numbers differ by up to {:g}", *difference.max_abs)};
  }
  if (difference.constant) return JudgeAlone(difference);
  // Where the outputs hardly vary, rounding errors drown the centred ratio; the plain one still has to hold.
  const auto& sqnr = difference.weak ? difference.sqnr_db : difference.centred_sqnr_db;
  if (!sqnr || *sqnr < tolerance.centred_sqnr_db) {
    const std::string level = fmt::format("{:g} dB", tolerance.centred_sqnr_db);
    return {Verdict::kMismatch, fmt::format("{}SQNR {} below {}{}", difference.weak ? "" : "centred ",
                                            sqnr ? fmt::format("{:.1f} dB", *sqnr) : "undefined,", level,
                                            tolerance.name == level ? " as asked" : " for " + tolerance.name)};
  }
  if (tolerance.max_rel > 0 && difference.max_rel && *difference.max_rel > tolerance.max_rel) {
    return {Verdict::kMismatch, fmt::format("largest difference {:.2g} of the largest value, above {:g} for {}",
                                            *difference.max_rel, tolerance.max_rel, tolerance.name)};
  }
  return Weakened(difference, {});
}

std::string LevelText(const std::optional<double>& db) {
  if (!db) return "-";
  return *db >= kSqnrExact ? "exact" : fmt::format("{:.1f}", *db);
}

Json ToJson(const Difference& difference) {
  const auto number = [](const std::optional<double>& value) {
    return value && std::isfinite(*value) ? Json(*value) : Json();
  };
  return {{"elements", difference.elements},
          {"not_finite", difference.not_finite},
          {"reference_not_finite", difference.reference_not_finite},
          {"constant", difference.constant},
          {"max_abs", number(difference.max_abs)},
          {"max_rel", number(difference.max_rel)},
          {"sqnr_db", number(difference.sqnr_db)},
          {"centred_sqnr_db", number(difference.centred_sqnr_db)},
          {"top1_agreement", number(difference.top1_agreement)},
          {"std_over_rms", number(difference.std_over_rms)},
          {"weak", difference.weak}};
}

}  // namespace bakeoff::verify
