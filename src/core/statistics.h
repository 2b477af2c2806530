// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Statistics of samples: percentiles that the number of samples can support, spread, and intervals without assumptions
// about the distribution.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bakeoff::core {

// A percentile in hundredths of a per cent: 9900 is p99. Whole numbers, so that ranks are exact.
using Percentile = int;
inline constexpr Percentile kP50 = 5000, kP90 = 9000, kP95 = 9500, kP99 = 9900;

struct Interval {
  double low = 0;
  double high = 0;
};

// P(X <= k) for X ~ Binomial(n, p).
double BinomialCdf(int64_t k, int64_t n, double p);

// The value that Student's t with that many degrees of freedom (above 0, not only whole) does not exceed with
// probability p, 0 < p < 1.
double StudentQuantile(double p, double freedom);

// The smallest n for which, with confidence 0.99, `overflow` + 1 or more of n samples lie above the percentile: below
// it, the samples do not say anything about the percentile. overflow 0 is the rule for printing a percentile (p50 7,
// p90 44, p95 90, p99 459); larger values are MLPerf's early stopping (docs/measuring.md).
int64_t SamplesNeeded(Percentile percentile, int64_t overflow = 0);

// Samples in ascending order, made once and asked many times.
class Samples {
 public:
  explicit Samples(std::vector<int64_t> values);

  size_t size() const { return sorted_.size(); }
  const std::vector<int64_t>& sorted() const { return sorted_; }

  // All of these are nullopt where the samples cannot support them.
  std::optional<int64_t> Min() const;
  std::optional<int64_t> Max() const;
  std::optional<double> Mean() const;
  std::optional<double> StdDev() const;  // of the population that was sampled: n - 1
  // Median of the absolute deviations from the median; not scaled.
  std::optional<double> Mad() const;
  // Nearest rank: the smallest sample that at least that share of all samples does not exceed. Needs SamplesNeeded().
  std::optional<int64_t> At(Percentile percentile) const;
  // MLPerf's early-stopping estimate: of the largest t >= 1 with SamplesNeeded(percentile, t) <= n, the largest sample
  // but the t - 1 above it. With confidence 0.99 the percentile of the distribution is no higher.
  std::optional<int64_t> EarlyStopping(Percentile percentile) const;
  // Order statistics that enclose the percentile of the distribution with at least this confidence, each tail having
  // half of the error. Holds for any distribution of independent samples.
  std::optional<Interval> IntervalOf(Percentile percentile, double confidence = 0.99) const;

 private:
  std::vector<int64_t> sorted_;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared deviations
};

// The middle value, or the mean of the two middle values; nullopt without values. Not subject to SamplesNeeded(): for
// few numbers that are themselves summaries, such as the medians of repetitions.
std::optional<double> Median(std::span<const double> values);

// 99 % interval of the geometric mean of values above zero, by Student's t on their logarithms; of at least 3.
std::optional<Interval> GeometricInterval(std::span<const double> values, double confidence = 0.99);

}  // namespace bakeoff::core
