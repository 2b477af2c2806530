// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// From settings to rows, and the order in which they run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "measure/run.h"
#include "measure/settings.h"

namespace bakeoff::measure {

// models x engines x scenarios x precisions x threads x batches x options, in that nesting. Rows that cannot be
// measured (engine absent, format not read, precision unknown) are there too, with status and reason.
std::vector<Configuration> MakePlan(const Settings& settings);

struct Step {
  size_t configuration = 0;  // index into the plan
  int repetition = 1;
};

// Every row that can run, `repetitions` times: each round has every row once, in a random order of its own. Neighbours
// change from round to round, so that what drifts (temperature, other load) does not fall on the same row every time.
std::vector<Step> MakeOrder(const std::vector<Configuration>& plan, int repetitions, uint64_t seed);

}  // namespace bakeoff::measure
