// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Quantiles with weights, and a Gaussian kernel on them.
#include "report/sketch.h"

#include <algorithm>
#include <cmath>

namespace bakeoff::report {
namespace {

constexpr size_t kPointsOfRun = 200;
constexpr int kOutline = 48;

}  // namespace

void Sketch::Add(std::vector<int64_t> samples) {
  if (samples.empty()) return;
  std::sort(samples.begin(), samples.end());
  count_ += samples.size();
  const size_t points = std::min(samples.size(), kPointsOfRun);
  const double weight = static_cast<double>(samples.size()) / static_cast<double>(points);
  for (size_t i = 0; i < points; ++i) {
    // The middle of each of the equal parts.
    const auto at = static_cast<size_t>((static_cast<double>(i) + 0.5) * weight);
    points_.emplace_back(static_cast<double>(samples[std::min(at, samples.size() - 1)]), weight);
  }
  std::inplace_merge(points_.begin(), points_.end() - static_cast<std::ptrdiff_t>(points), points_.end());
}

double Sketch::Quantile(double share) const {
  double seen = 0;
  const double wanted = share * static_cast<double>(count_);
  for (const auto& [value, weight] : points_) {
    seen += weight;
    if (seen >= wanted) return value;
  }
  return points_.empty() ? 0 : points_.back().first;
}

std::vector<std::pair<double, double>> Sketch::Outline() const {
  std::vector<std::pair<double, double>> outline;
  if (points_.empty()) return outline;
  const double low = std::log(std::max(1.0, Quantile(0.005))), high = std::log(std::max(1.0, Quantile(0.995)));
  // Silverman's rule with the quartiles, which outliers do not move (B. W. Silverman, Density Estimation, 1986, 3.31);
  // never below the step of the outline, or it would miss peaks.
  const double quartiles = std::log(std::max(1.0, Quantile(0.75))) - std::log(std::max(1.0, Quantile(0.25)));
  const double width = std::max(
      {0.9 * quartiles / 1.34 * std::pow(static_cast<double>(points_.size()), -0.2), (high - low) / kOutline, 1e-4});
  double most = 0;
  for (int i = 0; i <= kOutline; ++i) {
    const double at = low + (high - low) * i / kOutline;
    double density = 0;
    for (const auto& [value, weight] : points_) {
      const double distance = (std::log(std::max(1.0, value)) - at) / width;
      if (std::abs(distance) < 5) density += weight * std::exp(-0.5 * distance * distance);
    }
    most = std::max(most, density);
    outline.emplace_back(std::exp(at), density);
  }
  for (auto& [value, density] : outline) density /= most;
  return outline;
}

}  // namespace bakeoff::report
