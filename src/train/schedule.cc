// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Learning rates over a run.
#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bakeoff::train {
namespace {

// From `from` (at 0) to `to` (at 1) along half a cosine.
double Anneal(double from, double to, double position) {
  return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(position, 0.0, 1.0)));
}

}  // namespace

double LearningRate(const TrainOptions& o, int64_t step, int64_t steps, int64_t steps_per_epoch) {
  const auto at = static_cast<double>(step);
  const double last = std::max<double>(1, static_cast<double>(steps - 1));
  if (o.schedule == "one-cycle") {
    constexpr double kRise = 0.3, kStart = 1.0 / 25;
    const double top = kRise * last;
    const double factor =
        at < top ? Anneal(kStart, 1, at / top) : Anneal(1, o.final_factor, (at - top) / std::max(1.0, last - top));
    return o.learning_rate * factor;
  }
  const double warmup = o.warmup_epochs * static_cast<double>(steps_per_epoch);
  if (at < warmup) return o.learning_rate * (0.1 + 0.9 * at / warmup);
  if (o.schedule == "step") {
    const double epoch = at / static_cast<double>(std::max<int64_t>(1, steps_per_epoch));
    return o.learning_rate * std::pow(o.step_factor, std::floor(epoch / o.step_epochs));
  }
  if (o.schedule == "cosine")
    return o.learning_rate * Anneal(1, o.final_factor, (at - warmup) / std::max(1.0, last - warmup));
  return o.learning_rate;
}

}  // namespace bakeoff::train
