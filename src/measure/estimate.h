// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How long a plan will take, from what earlier runs of the store took.
#pragma once

#include <vector>

#include "measure/run.h"
#include "measure/settings.h"
#include "store/store.h"

namespace bakeoff::measure {

struct Estimate {
  double seconds = 0;
  size_t known = 0;  // rows of which there were earlier runs
  size_t rows = 0;   // that can run
};

// With loading, warm-up and the passes after the timed part. Rows of which nothing is known count as the mean of the
// others; known = 0 says nothing. Timed parts are as long as `settings` has them.
Estimate EstimateOf(const store::Store& store, const std::vector<Configuration>& plan, const Settings& settings);

}  // namespace bakeoff::measure
