// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// --budget: one time for everything, shared among the measurements that are left.
#pragma once

#include <chrono>
#include <cstddef>

#include "measure/run.h"
#include "measure/settings.h"

namespace bakeoff::measure {

// Starting a worker, loading and warming up take their time first; what that was for the measurements so far is set
// aside for each that is left, and the rest is what they may measure for. So early rows get less where loading turns
// out to be slow, and later ones what was saved.
class Budget {
 public:
  using Clock = std::chrono::steady_clock;

  Budget(std::chrono::nanoseconds whole, size_t steps, Clock::time_point now = Clock::now());

  // Sets duration and longest warm-up of the next measurement; false: the time is used up.
  bool Next(Settings& settings, Clock::time_point now = Clock::now());
  void Done(const Run& run, Clock::time_point now = Clock::now());

  // The least that is planned for one measurement. A smaller share is refused before anything runs.
  static constexpr std::chrono::milliseconds kLeastShare{500};
  static constexpr std::chrono::milliseconds kLeastDuration{50};

 private:
  Clock::time_point end_, began_;
  size_t left_;
  size_t done_ = 0;
  std::chrono::nanoseconds beside_{0};  // time of the finished ones that was not the timed part
};

// Throws Error{kUsage} where the budget is below kLeastShare for each of `steps`, naming what would do.
void CheckBudget(std::chrono::nanoseconds budget, size_t steps);

}  // namespace bakeoff::measure
