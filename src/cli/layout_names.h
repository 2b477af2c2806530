// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Whether the inputs and outputs that --layout names are there, also in models that only an engine can read.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/tensor.h"
#include "cli/console.h"
#include "cli/parser.h"
#include "measure/settings.h"
#include "verify/inputs.h"

namespace bakeoff::cli {

// What is said of the models elsewhere on the command line, for an engine that must load one to name its inputs.
struct LayoutQuestion {
  std::vector<std::vector<Artifact>> networks;
  std::map<std::string, Shape> shapes;
  const verify::InputChoices* inputs = nullptr;
  std::map<std::string, std::map<std::string, std::string>> options;  // by engine
  std::chrono::milliseconds limit;
};

// Throws Error{kUsage} for a name that no model has. An engine is asked only where a name is found in no model that the
// host reads; where none can tell, because it is absent or fails, nothing is refused: the rows will say why.
void CheckLayoutNames(const Options& options, const LayoutQuestion& question, Console& console);
void CheckLayoutNames(const Options& options, const measure::Settings& settings, Console& console);

}  // namespace bakeoff::cli
