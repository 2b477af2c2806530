// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a plan can never tell, found before anything runs.
#pragma once

#include <vector>

#include "measure/metric.h"
#include "measure/run.h"
#include "measure/settings.h"

namespace bakeoff::measure {

// Queries of the scenario server at this rate, as far as --duration, --count and the trace limit them.
double PlannedQueries(const Settings& settings, double rate);

// For a comparison that measures: throws Error{kUsage}, with the smallest change that would do, where no row can get a
// verdict on one of the metrics: too few repetitions, or fewer inferences than a percentile needs.
void CheckVerdicts(const Settings& settings, const std::vector<const Metric*>& metrics);

// Likewise, where no row of B can be held against one of A: throws what CompareSides() would throw afterwards. Says
// nothing where rows have their models' own batch on one side only: that is known once they are loaded.
void CheckRows(const std::vector<Configuration>& plan_a, const std::vector<Configuration>& plan_b);

}  // namespace bakeoff::measure
