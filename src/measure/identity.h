// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// When two plans are the same measurement: then one can go on where the other was stopped.
#pragma once

#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "measure/machine.h"
#include "measure/run.h"
#include "measure/settings.h"

namespace bakeoff::measure {

// SHA-256 over everything that decides what is measured and how: contents of the models (not their paths), engines and
// their versions, rows, repetitions, times, inputs, tolerances, the kind of machine. Reads the models' files.
std::string PlanSha256(const Settings& settings, const std::vector<Configuration>& plan, const Machine& machine);

// SHA-256 of each row of the plan: over everything that decides what one run of it measures, whatever the other rows
// are. Runs of equal rows are interchangeable, repetition by repetition.
std::vector<std::string> RowSha256s(const Settings& settings, const std::vector<Configuration>& plan,
                                    const Machine& machine);

// What makes two machines the same one for results: host, CPU, and the CPUs that there are and that may be used.
Json MachineIdentity(const Machine& machine);

}  // namespace bakeoff::measure
