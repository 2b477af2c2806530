// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff convert MODEL_DIR --all`: one table over all formats.
#pragma once

#include "cli/command.h"
#include "convert/convert.h"

namespace bakeoff::cli {

// Throws Error{kUsage} where SRC is no model folder or an option makes no sense for all formats.
int ConvertAllFormats(const Options& options, const convert::Request& request, Console& console);

}  // namespace bakeoff::cli
