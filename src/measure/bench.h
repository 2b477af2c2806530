// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A whole benchmark: plan, references, rows in interleaved order, records.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "measure/machine.h"
#include "measure/plan.h"
#include "measure/run.h"
#include "measure/settings.h"
#include "measure/summary.h"
#include "verify/session.h"

namespace bakeoff::measure {

// What the caller hears and says while it runs; all may be empty.
struct Listener {
  std::function<void(const std::string& text, bool step)> progress;  // one line; step: a new row began
  // With its samples, which are dropped afterwards. Also for rows that cannot run, before the first that can. Ends the
  // benchmark by returning false.
  std::function<bool(const Run& run)> finished;
  std::function<bool()> interrupted;  // asked between and after steps
};

struct Outcome {
  uint64_t seed = 0;
  std::vector<Configuration> plan;
  std::vector<Run> runs;  // in the plan's order, repetitions together
  std::vector<Summary> summary;
  std::vector<std::string> notes;
  Machine machine;
  Environment environment;
  bool ablate = false;  // the plan's options one at a time and all together
  bool interrupted = false;
  bool stopped = false;        // the budget was used up, or the listener ended it: not everything was measured
  std::optional<Error> usage;  // the request itself is wrong, as the engines say: nothing more was run
};

// `earlier`: runs of the same plan that were measured before, which are not measured again.
Outcome Bench(const Settings& settings, const verify::StartSession& start, const Listener& listener,
              const std::vector<Run>& earlier = {});

// Several plans at once, their rows in turns: first of the plan and of the runs are those of the first settings, then
// those of the next. Repetitions and seed are those of the first settings; a budget is not looked at.
Outcome BenchTogether(const std::vector<Settings>& all, const verify::StartSession& start, const Listener& listener);

// 0, 1 at any mismatch, 3 at any failed row or none ok, 2 for a usage error, 130 when interrupted.
int ExitCode(const Outcome& outcome);

// {"schema": 1, "machine", "environment", "seed", "runs", "summary", "notes", ...}.
Json ToJson(const Outcome& outcome);

}  // namespace bakeoff::measure
