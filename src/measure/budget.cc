// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Shares of a budget.
#include "measure/budget.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"

namespace bakeoff::measure {

using std::chrono::nanoseconds;

Budget::Budget(nanoseconds whole, size_t steps, Clock::time_point now) : end_(now + whole), began_(now), left_(steps) {}

bool Budget::Next(Settings& settings, Clock::time_point now) {
  began_ = now;
  const nanoseconds remaining = end_ - now;
  if (remaining <= nanoseconds(0) || left_ == 0) return false;
  const nanoseconds share = remaining / static_cast<int64_t>(left_);
  // Nothing is known before the first: half of its share is a guess that the others correct.
  const nanoseconds beside = done_ == 0 ? share / 2 : beside_ / static_cast<int64_t>(done_);
  settings.duration = std::max<nanoseconds>(kLeastDuration, share - beside);
  settings.warmup.longest = std::min(settings.warmup.longest, std::max<nanoseconds>(kLeastDuration, share / 4));
  return true;
}

void Budget::Done(const Run& run, Clock::time_point now) {
  beside_ += std::max(nanoseconds(0), now - began_ - nanoseconds(run.wall_ns.value_or(0)));
  ++done_;
  if (left_ > 0) --left_;
}

void CheckBudget(nanoseconds budget, size_t steps) {
  if (steps == 0 || budget / static_cast<int64_t>(steps) >= Budget::kLeastShare) return;
  const double seconds = std::chrono::duration<double>(budget).count();
  const double least = std::chrono::duration<double>(Budget::kLeastShare).count() * static_cast<double>(steps);
  throw Error(ErrorCode::kUsage,
              fmt::format("--budget {:.3g}s leaves {:.3g} ms for each of {} measurements, loading included; give at "
                          "least {:.3g}s, or ask for less (--engines, --threads, --batch, --repeat)",
                          seconds, 1e3 * seconds / static_cast<double>(steps), steps, least));
}

}  // namespace bakeoff::measure
