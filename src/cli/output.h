// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Where results go: the --json option and files.
#pragma once

#include "bakeoff/json.h"
#include "cli/console.h"
#include "cli/options.h"

namespace bakeoff::cli {

// An option with [FILE] that was given without FILE or with -: stdout belongs to it.
bool TakesStdout(const Options& options, std::string_view option);
// --json without FILE (or with -): stdout belongs to the JSON, so no table is printed.
bool JsonTakesStdout(const Options& options);
// Serves --json [FILE] if it was given. Throws Error{kUnavailable} naming the file or stdout.
void WriteJson(const Options& options, Console& console, const Json& result);
// The same for another option with [FILE], --csv for instance. Refuses (kUsage) a FILE whose name is a model's.
void WriteText(const Options& options, std::string_view option, Console& console, const std::string& text);

// Before long work: throws what WriteText() would throw for a FILE that cannot be (a model's name, a folder that is not
// there or takes no files).
void CheckWritable(const Options& options, std::string_view option);

}  // namespace bakeoff::cli
