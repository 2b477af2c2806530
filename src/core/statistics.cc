// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Percentiles by nearest rank and intervals by order statistics, over the binomial distribution.
#include "core/statistics.h"

#include <algorithm>
#include <cmath>

namespace bakeoff::core {
namespace {

constexpr int64_t kWhole = 10'000;

// lgamma() writes a global; this one does not.
double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

// The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated by Lentz's method. Converges in
// O(sqrt(max(a, b))) steps for x < (a + 1) / (a + b + 2).
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr double kEnough = 1e-15;
  const auto guard = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / guard(1 - (a + b) * x / (a + 1));
  double result = d;
  for (int m = 1; m < 1'000'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    result *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const double step = d * c;
    result *= step;
    if (std::abs(step - 1) < kEnough) break;
  }
  return result;
}

// Regularised incomplete beta function I_x(a, b).
double IncompleteBeta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, 1 - x) / b;
}

// The smallest k in [low, high] for which `holds`, which is monotone; high + 1 if there is none.
template <typename Predicate>
int64_t FirstThat(int64_t low, int64_t high, Predicate holds) {
  while (low <= high) {
    const int64_t middle = low + (high - low) / 2;
    if (holds(middle)) {
      high = middle - 1;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

double BinomialCdf(int64_t k, int64_t n, double p) {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return IncompleteBeta(static_cast<double>(n - k), static_cast<double>(k) + 1, 1 - p);
}

double StudentQuantile(double p, double freedom) {
  if (p < 0.5) return -StudentQuantile(1 - p, freedom);
  // P(T > t) = I_x(freedom / 2, 1 / 2) / 2 with x = freedom / (freedom + t^2) (DLMF 8.17), falling in t.
  const auto above = [&](double t) { return IncompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2; };
  double low = 0, high = 1;
  while (above(high) > 1 - p) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-12 * high; ++i) {
    const double middle = (low + high) / 2;
    (above(middle) > 1 - p ? low : high) = middle;
  }
  return (low + high) / 2;
}

int64_t SamplesNeeded(Percentile percentile, int64_t overflow) {
  constexpr double kConfidence = 0.99;
  const double above = static_cast<double>(kWhole - percentile) / kWhole;
  const auto enough = [&](int64_t n) { return BinomialCdf(overflow, n, above) <= 1 - kConfidence; };
  int64_t high = overflow + 1;
  while (!enough(high)) high *= 2;
  return FirstThat(overflow + 1, high, enough);
}

Samples::Samples(std::vector<int64_t> values) : sorted_(std::move(values)) {
  std::sort(sorted_.begin(), sorted_.end());
  // long double: the sum of 2^22 latencies must not lose the nanoseconds.
  long double sum = 0;
  for (const int64_t value : sorted_) sum += static_cast<long double>(value);
  const long double mean = sorted_.empty() ? 0 : sum / static_cast<long double>(sorted_.size());
  long double squares = 0;
  for (const int64_t value : sorted_)
    squares += (static_cast<long double>(value) - mean) * (static_cast<long double>(value) - mean);
  mean_ = static_cast<double>(mean);
  squares_ = static_cast<double>(squares);
}

std::optional<int64_t> Samples::Min() const {
  if (sorted_.empty()) return std::nullopt;
  return sorted_.front();
}

std::optional<int64_t> Samples::Max() const {
  if (sorted_.empty()) return std::nullopt;
  return sorted_.back();
}

std::optional<double> Samples::Mean() const {
  if (sorted_.empty()) return std::nullopt;
  return mean_;
}

std::optional<double> Samples::StdDev() const {
  if (sorted_.size() < 2) return std::nullopt;
  return std::sqrt(squares_ / static_cast<double>(sorted_.size() - 1));
}

std::optional<double> Samples::Mad() const {
  const size_t n = sorted_.size();
  if (n == 0) return std::nullopt;
  const double median = (static_cast<double>(sorted_[(n - 1) / 2]) + static_cast<double>(sorted_[n / 2])) / 2;
  std::vector<double> deviations;
  deviations.reserve(n);
  for (const int64_t value : sorted_) deviations.push_back(std::abs(static_cast<double>(value) - median));
  return Median(deviations);
}

std::optional<int64_t> Samples::At(Percentile percentile) const {
  const auto n = static_cast<int64_t>(sorted_.size());
  if (n < SamplesNeeded(percentile)) return std::nullopt;
  const int64_t rank = (n * percentile + kWhole - 1) / kWhole;
  return sorted_[static_cast<size_t>(rank - 1)];
}

std::optional<int64_t> Samples::EarlyStopping(Percentile percentile) const {
  const auto n = static_cast<int64_t>(sorted_.size());
  const double above = static_cast<double>(kWhole - percentile) / kWhole;
  // SamplesNeeded(percentile, t) <= n, asked without a search for each t.
  const int64_t first_too_many = FirstThat(1, n, [&](int64_t t) { return BinomialCdf(t, n, above) > 0.01; });
  const int64_t t = first_too_many - 1;
  if (t < 1) return std::nullopt;
  return sorted_[static_cast<size_t>(n - t)];
}

std::optional<Interval> Samples::IntervalOf(Percentile percentile, double confidence) const {
  const auto n = static_cast<int64_t>(sorted_.size());
  const double p = static_cast<double>(percentile) / kWhole;
  const double tail = (1 - confidence) / 2;
  // P(quantile < X_(low)) = P(at most low - 1 samples lie below it), and likewise above.
  const int64_t low = FirstThat(1, n, [&](int64_t rank) { return BinomialCdf(rank - 1, n, p) > tail; }) - 1;
  const int64_t high = FirstThat(1, n, [&](int64_t rank) { return BinomialCdf(rank - 1, n, p) >= 1 - tail; });
  if (low < 1 || high > n) return std::nullopt;
  return Interval{static_cast<double>(sorted_[static_cast<size_t>(low - 1)]),
                  static_cast<double>(sorted_[static_cast<size_t>(high - 1)])};
}

std::optional<double> Median(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  if (sorted.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(sorted.begin(), middle)) / 2;
}

std::optional<Interval> GeometricInterval(std::span<const double> values, double confidence) {
  const auto n = static_cast<double>(values.size());
  if (values.size() < 3 || *std::min_element(values.begin(), values.end()) <= 0) return std::nullopt;
  double mean = 0, squares = 0;
  for (const double value : values) mean += std::log(value) / n;
  for (const double value : values) squares += (std::log(value) - mean) * (std::log(value) - mean);
  const double reach = StudentQuantile(1 - (1 - confidence) / 2, n - 1) * std::sqrt(squares / (n - 1) / n);
  return Interval{std::exp(mean - reach), std::exp(mean + reach)};
}

}  // namespace bakeoff::core
