// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Carries a plan out: what is done and current stays, everything else is done, and every change is on disk at once.
#pragma once

#include <functional>
#include <string>

#include "campaign/plan.h"
#include "campaign/state.h"

namespace bakeoff::campaign {

struct Request {
  std::string program;            // of the tool, for its commands
  std::string version, revision;  // likewise
  std::string from, only;         // stages, or ""
  OptionsOf options;              // of the tool's commands
  bool live = false;              // progress is shown on a terminal
};

// What the caller hears and says; all may be empty.
struct Listener {
  std::function<void(const std::string& text, bool step)> progress;  // one line; step: a new step began
  std::function<void(const std::string& text)> note;                 // a line that stays
  std::function<bool()> interrupted;
};

// Which steps a call would do.
struct Preview {
  std::vector<bool> done;            // of each step of the plan: current, nothing to do
  std::vector<double> step_seconds;  // of each, as guessed or as it took before; 0 of those that are done
  double seconds = 0;                // of all
  uint64_t bytes = 0;
};
// Reads, writes nothing. Throws as Run() does before it begins.
Preview Look(const Plan& plan, const Request& request);

// The folder belongs to this call: Error{kUnavailable} where another one is at work in it, or where it is no campaign's
// folder. Throws Error{kUsage} for --only of a stage whose earlier ones are not current, Error{kUnavailable} for a full
// disk; what is done by then stays.
State Run(const Spec& spec, const Plan& plan, const Request& request, const Listener& listener);

// 0; 1 where answers differ; 3 where a step failed; 130 where it was interrupted.
int ExitCode(const State& state);

}  // namespace bakeoff::campaign
