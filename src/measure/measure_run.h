// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One row, once: fresh worker, load, checked first inference, timed part.
#pragma once

#include <functional>
#include <string_view>

#include "measure/reference.h"
#include "measure/run.h"
#include "measure/settings.h"
#include "verify/session.h"

namespace bakeoff::measure {

// What the row is doing: "load", "check", "warmup", "timed"; `runs` inferences after `elapsed_ns` of it.
using RunProgress = std::function<void(std::string_view phase, int64_t runs, int64_t elapsed_ns)>;

// Never throws for what happens in or to the worker: that is in the record. `reference` may be nullptr.
Run MeasureRun(const Configuration& configuration, int repetition, const Settings& settings, const Reference* reference,
               verify::Network& network, const verify::StartSession& start, const RunProgress& progress);

// How long the timed part and its warm-up may take before the worker counts as hung.
std::chrono::milliseconds MeasureLimit(const Settings& settings, const Configuration& row, int64_t first_inference_ns);

}  // namespace bakeoff::measure
