// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// EngineInfo and HopInfo as the `info` object of the protocol (docs/architecture.md). Used by both sides.
#pragma once

#include <map>
#include <string>

#include "bakeoff/converter.h"
#include "bakeoff/engine.h"
#include "bakeoff/json.h"

namespace bakeoff::worker {

Json ToJson(const EngineInfo& info);
// Fields that are absent keep their defaults, but for `name`, `version` and `reads`. Throws Error{kEngineFailed} naming
// the field.
EngineInfo InfoFromJson(const Json& json);

Json ToJson(const HopInfo& info);
// The same for a hop, with `writes` required too.
HopInfo HopInfoFromJson(const Json& json);

// The variables that a worker must be started with for these options (OptionSpec::environment).
std::map<std::string, std::string> EnvironmentFor(const EngineInfo& info,
                                                  const std::map<std::string, std::string>& engine_options);

}  // namespace bakeoff::worker
