// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// EngineInfo as the `info` object of the protocol (docs/architecture.md). Used by both sides.
#pragma once

#include "bakeoff/engine.h"
#include "bakeoff/json.h"

namespace bakeoff::worker {

Json ToJson(const EngineInfo& info);
// Fields that are absent keep their defaults, but for `name`, `version` and `reads`. Throws Error{kEngineFailed} naming the field.
EngineInfo InfoFromJson(const Json& json);

}  // namespace bakeoff::worker
