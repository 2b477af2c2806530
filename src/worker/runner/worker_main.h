// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The life of a worker process: arguments, CPU mask, protocol descriptors, requests until `bye` or end of file.
#pragma once

#include "bakeoff/engine.h"

namespace bakeoff::worker {

// Called by main() with nothing before it. Returns the exit code: 0, or 2 for arguments it does not know, or 3.
int WorkerMain(int argc, char** argv, const EngineEntry& engine);

// The `info` object of a description, as the protocol spells it.
Json DescriptionJson(const EngineInfo& info);

}  // namespace bakeoff::worker
