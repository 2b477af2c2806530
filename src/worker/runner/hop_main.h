// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The life of a worker that converts.
#pragma once

#include "bakeoff/converter.h"
#include "worker/runner/connection.h"

namespace bakeoff::worker {

// Called by main() with nothing before it. Returns the exit code, as WorkerMain() does.
int HopMain(int argc, char** argv, const HopEntry& hop);

// Answers `describe` and `convert` until `bye`.
void ServeHop(const HopEntry& hop, const HopInfo& info, Connection& connection);

}  // namespace bakeoff::worker
