// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Student's t on logarithms: paired, or Welch's (B. L. Welch, Biometrika 34, 1947) with Satterthwaite's degrees of
// freedom.
#include "measure/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/statistics.h"

namespace bakeoff::measure {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;  // n - 1
};

Moments MomentsOf(std::span<const double> values) {
  Moments moments;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) moments.mean += value / n;
  for (const double value : values) moments.variance += (value - moments.mean) * (value - moments.mean);
  if (values.size() > 1) moments.variance /= n - 1;
  return moments;
}

// Nanosecond clocks give equal medians now and then; a variance of zero would then claim certainty. Resolution of one
// part in a million is far below what any machine repeats.
constexpr double kLeastVariance = 1e-12;

struct Estimate {
  double mean = 0, error = 0, freedom = 0;
};

bool Decides(double mean, double reach) {
  return std::abs(mean) > reach || std::abs(mean) + reach <= std::log(kTieWidth);
}

// The error falls with the root of the number of repetitions; nullopt where even very many would not do.
std::optional<size_t> RepetitionsNeeded(const Estimate& estimate, size_t have, bool paired, double alpha) {
  constexpr size_t kMost = 1000;
  for (size_t n = have + 1; n <= kMost; ++n) {
    const auto count = static_cast<double>(n);
    const double error = estimate.error * std::sqrt(static_cast<double>(have) / count);
    if (Decides(estimate.mean, core::StudentQuantile(1 - alpha / 2, paired ? count - 1 : 2 * count - 2) * error))
      return n;
  }
  return std::nullopt;
}

Estimate Paired(std::span<const double> a, std::span<const double> b) {
  std::vector<double> differences;
  for (size_t i = 0; i < a.size(); ++i) differences.push_back(b[i] - a[i]);
  const Moments moments = MomentsOf(differences);
  const auto n = static_cast<double>(a.size());
  return {moments.mean, std::sqrt(std::max(moments.variance, kLeastVariance) / n), n - 1};
}

Estimate Welch(std::span<const double> a, std::span<const double> b) {
  const Moments of_a = MomentsOf(a), of_b = MomentsOf(b);
  const auto n_a = static_cast<double>(a.size()), n_b = static_cast<double>(b.size());
  const double part_a = std::max(of_a.variance, kLeastVariance) / n_a;
  const double part_b = std::max(of_b.variance, kLeastVariance) / n_b;
  const double both = part_a + part_b;
  return {of_b.mean - of_a.mean, std::sqrt(both),
          both * both / (part_a * part_a / (n_a - 1) + part_b * part_b / (n_b - 1))};
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFaster:
      return "faster";
    case Verdict::kSlower:
      return "slower";
    case Verdict::kTie:
      return "tie";
    case Verdict::kUnclear:
      return "unclear";
  }
  return "";
}

Comparison Compare(std::span<const double> a, std::span<const double> b, bool paired, double alpha) {
  Comparison result{.count_a = a.size(), .count_b = b.size()};
  std::vector<double> log_a, log_b;
  for (const double value : a) log_a.push_back(std::log(value));
  for (const double value : b) log_b.push_back(std::log(value));
  const auto finite = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  };
  if (a.empty() || b.empty() || !finite(log_a) || !finite(log_b)) {
    result.reason = "one side has no numbers";
    return result;
  }
  if (a.size() != b.size()) paired = false;
  result.ratio = std::exp(MomentsOf(log_b).mean - MomentsOf(log_a).mean);
  if (std::min(a.size(), b.size()) < kLeastRepetitions) {
    result.reason = fmt::format("a verdict needs {} repetitions of each (--repeat)", kLeastRepetitions);
    return result;
  }
  const Estimate estimate = paired ? Paired(log_a, log_b) : Welch(log_a, log_b);
  const double reach = core::StudentQuantile(1 - alpha / 2, estimate.freedom) * estimate.error;
  result.low = std::exp(estimate.mean - reach);
  result.high = std::exp(estimate.mean + reach);
  if (*result.high < 1) {
    result.verdict = Verdict::kFaster;
  } else if (*result.low > 1) {
    result.verdict = Verdict::kSlower;
  } else if (*result.low >= 1 / kTieWidth && *result.high <= kTieWidth) {
    result.verdict = Verdict::kTie;
  } else {
    result.repetitions_needed = RepetitionsNeeded(estimate, std::min(a.size(), b.size()), paired, alpha);
    result.reason =
        fmt::format("the repetitions differ too much among themselves: {}measure longer, or on a quieter machine",
                    result.repetitions_needed
                        ? fmt::format("--repeat {} would decide if they go on so; or ", *result.repetitions_needed)
                        : "");
  }
  return result;
}

Json ToJson(const Comparison& comparison) {
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  return {{"repetitions", {comparison.count_a, comparison.count_b}},
          {"ratio", number(comparison.ratio)},
          {"low", number(comparison.low)},
          {"high", number(comparison.high)},
          {"verdict", VerdictName(comparison.verdict)},
          {"repetitions_needed", comparison.repetitions_needed ? Json(*comparison.repetitions_needed) : Json()},
          {"reason", comparison.reason.empty() ? Json() : Json(comparison.reason)}};
}

}  // namespace bakeoff::measure
