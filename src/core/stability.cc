// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of one run's samples.
#include "core/stability.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/trend.h"

namespace bakeoff::core {
namespace {

constexpr size_t kFewestForOutliers = 10;
constexpr size_t kFewest = 100;
constexpr size_t kParts = 10;
constexpr size_t kBatches = 20;
// 1.4826 MAD is the standard deviation of a normal distribution; 10 of them is hyperfine's threshold.
constexpr double kScale = 1.4826;
constexpr double kThreshold = 10;
// Clock reads differ by some nanoseconds: a MAD of zero must not make them outliers.
constexpr double kLeastSpreadNs = 5;
constexpr double kLeastDrift = 0.01;
// Ashman, Bird and Zepf, Astronomical Journal 108 (1994): D > 2 separates two normal modes that are known. Here the cut
// is chosen to separate best, which gives D = 2.7 for one normal and 3.5 for one uniform distribution.
constexpr double kAshman = 4;
constexpr double kLeastShare = 0.1;
constexpr double kLeastDistance = 0.02;

double MedianOf(std::vector<double> values) {
  return *Median(values);
}

std::vector<double> Doubles(std::span<const int64_t> samples) {
  std::vector<double> values;
  values.reserve(samples.size());
  for (const int64_t sample : samples) values.push_back(static_cast<double>(sample));
  return values;
}

// The bound above which a sample is an outlier.
double Bound(const std::vector<double>& values, double median) {
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::abs(value - median));
  return median + kThreshold * std::max(kScale * MedianOf(std::move(deviations)), kLeastSpreadNs);
}

Outliers OutliersOf(const std::vector<double>& values, double median, double bound) {
  Outliers outliers;
  double whole = 0, beyond = 0;
  for (const double value : values) {
    whole += value;
    if (value <= bound) continue;
    ++outliers.count;
    beyond += value - median;
  }
  outliers.time_share = whole > 0 ? beyond / whole : 0;
  return outliers;
}

// Mann-Kendall: of n = 10, S has the variance n (n - 1) (2 n + 5) / 18 = 125; |S| >= 31 has a probability below 0.01.
Drift DriftOf(const std::vector<double>& values, double median) {
  constexpr int kCritical = 31;
  std::vector<double> medians;
  for (size_t part = 0; part < kParts; ++part) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(values.size() * part / kParts);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(values.size() * (part + 1) / kParts);
    medians.push_back(MedianOf({begin, end}));
  }
  std::array<double, kParts> places{};
  for (size_t part = 0; part < kParts; ++part) places[part] = static_cast<double>(part);
  Drift drift{.change = TheilSen(places, medians)->slope * static_cast<double>(kParts - 1) / median};
  drift.significant = std::abs(RisesLessFalls(medians)) >= kCritical && std::abs(drift.change) >= kLeastDrift;
  return drift;
}

// The cut of the sorted values that leaves the least variance within both sides (Otsu's), and whether they are apart.
std::optional<Modes> ModesOf(std::vector<double> values, double bound) {
  std::erase_if(values, [bound](double value) { return value > bound; });
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  const double origin = values[values.size() / 2];  // numbers near zero keep their digits when squared
  double sum = 0, squares = 0;
  for (double& value : values) {
    value -= origin;
    sum += value;
    squares += value * value;
  }
  double left = 0, left_squares = 0, best = -1;
  std::optional<Modes> found;
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    left += values[i];
    left_squares += values[i] * values[i];
    if (values[i] == values[i + 1]) continue;
    const auto count = static_cast<double>(i + 1);
    const double low = left / count, high = (sum - left) / (n - count);
    const double between = count * (n - count) * (high - low) * (high - low);
    if (between <= best) continue;
    best = between;
    const double low_variance = std::max(left_squares / count - low * low, 0.0);
    const double high_variance = std::max((squares - left_squares) / (n - count) - high * high, 0.0);
    const double spread = std::sqrt(std::max(low_variance + high_variance, 2 * kLeastSpreadNs * kLeastSpreadNs));
    const double share = (n - count) / n;
    const bool apart = std::sqrt(2) * (high - low) > kAshman * spread && share >= kLeastShare &&
                       share <= 1 - kLeastShare && high - low >= kLeastDistance * (low + origin);
    found = apart ? std::optional(Modes{low + origin, high + origin, share}) : std::nullopt;
  }
  return found;
}

Interval MeanInterval(const std::vector<double>& values) {
  std::array<double, kBatches> means{};
  double mean = 0;
  for (size_t batch = 0; batch < kBatches; ++batch) {
    const size_t begin = values.size() * batch / kBatches, end = values.size() * (batch + 1) / kBatches;
    for (size_t i = begin; i < end; ++i) means[batch] += values[i] / static_cast<double>(end - begin);
    mean += means[batch] / kBatches;
  }
  double squares = 0;
  for (const double each : means) squares += (each - mean) * (each - mean);
  const double error = std::sqrt(squares / (kBatches - 1) / kBatches);
  const double reach = StudentQuantile(0.995, kBatches - 1) * error;
  // No time is below zero.
  return {std::max(mean - reach, 0.0), mean + reach};
}

}  // namespace

Stability StabilityOf(std::span<const int64_t> samples) {
  Stability stability;
  if (samples.size() < kFewestForOutliers) return stability;
  const std::vector<double> values = Doubles(samples);
  const double median = MedianOf(values);
  const double bound = Bound(values, median);
  stability.outliers = OutliersOf(values, median, bound);
  if (samples.size() < kFewest || median <= 0) return stability;
  stability.drift = DriftOf(values, median);
  stability.modes = ModesOf(values, bound);
  stability.mean = MeanInterval(values);
  return stability;
}

}  // namespace bakeoff::core
