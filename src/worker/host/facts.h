// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A worker's `census` reply (docs/architecture.md) as facts about a file.
#pragma once

#include "bakeoff/json.h"
#include "graph/files/facts.h"

namespace bakeoff::worker {

// Fields that are absent or null are not known. Throws Error{kEngineFailed} naming a wrong field.
graph::FileFacts FactsFromJson(const Json& reply);

}  // namespace bakeoff::worker
