// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Artifacts, conversion options and results as the protocol spells them (docs/architecture.md). Used by both sides.
#pragma once

#include <map>
#include <string>

#include "bakeoff/converter.h"
#include "bakeoff/json.h"

namespace bakeoff::worker {

Json ToJson(const Artifact& artifact);

// The `options` of a `convert` request; `hop` are the values as given.
Json ToJson(const ConvertOptions& options, const std::map<std::string, std::string>& hop);

Json ToJson(const Converted& converted);
// Throws Error{kEngineFailed} naming the missing or wrong field, and for a source and a target whose inputs or outputs
// are not as many.
Converted ConvertedFromJson(const Json& json);

}  // namespace bakeoff::worker
