// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The parts of `bakeoff compare`: two configurations measured in turns, and its result as text.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "measure/compare.h"

namespace bakeoff::cli {

// --live: A and B are words of `bench`; measures both in turns into one campaign of the store. nullopt: interrupted.
// Throws Error as `bench` does, and kUsage where the plan can never give a verdict on one of the metrics.
std::optional<std::pair<measure::Side, measure::Side>> MeasureLive(const Options& options,
                                                                   const std::vector<const measure::Metric*>& metrics,
                                                                   Console& console);

void ShowComparison(const measure::CompareResult& result, Console& console);
std::string ComparisonMarkdown(const measure::CompareResult& result);

}  // namespace bakeoff::cli
