// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Where results go: the --json option and files.
#pragma once

#include "bakeoff/json.h"
#include "cli/console.h"
#include "cli/options.h"

namespace bakeoff::cli {

// --json without FILE (or with -): stdout belongs to the JSON, so no table is printed.
bool JsonTakesStdout(const Options& options);
// Serves --json [FILE] if it was given. Throws Error{kUnavailable} naming the file or stdout.
void WriteJson(const Options& options, Console& console, const Json& result);
// The same for another option with [FILE], --csv for instance. Refuses (kUsage) a FILE whose name is a model's.
void WriteText(const Options& options, std::string_view option, Console& console, const std::string& text);

}  // namespace bakeoff::cli
