// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What MLPerf Inference asks of a run (inference_rules.adoc, mlperf.conf of loadgen), for --mlperf.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "measure/run.h"
#include "measure/settings.h"

namespace bakeoff::measure {

inline constexpr std::chrono::seconds kMlperfDuration{600};

// Queries (of offline: runs) that a scenario needs at least: what its percentile's estimate needs, and 24,576 samples
// of offline.
int64_t MlperfLeast(const std::string& scenario, int64_t batch);

// Sets what --mlperf stands for where the user said nothing. Throws Error{kUsage} for a count that can never give the
// scenario's number, naming the smallest that can, and for scenarios that MLPerf does not have.
void ApplyMlperf(bool duration_given, Settings& settings);

// "fake: p90 by early stopping 1.23 ms": what the scenario's metric is, one line per row; and what keeps it from being
// a run as MLPerf wants it.
std::vector<std::string> MlperfNotes(const Settings& settings, const std::vector<Run>& runs);

}  // namespace bakeoff::measure
