// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The life of a worker process: arguments, CPU mask, protocol descriptors, requests until `bye` or end of file.
#pragma once

#include <functional>

#include "bakeoff/engine.h"
#include "worker/runner/connection.h"

namespace bakeoff::worker {

// What one kind of worker does; all else is the same for every kind.
struct WorkerProgram {
  std::function<Json()> describe;                                       // the `info` object, with its "name"
  std::function<void(const Json& info, Connection& connection)> serve;  // after the hello, until `bye`
};

// Called by main() with nothing before it. Returns the exit code: 0, or 2 for arguments it does not know, or 3.
int ProgramMain(int argc, char** argv, const WorkerProgram& program);

// ProgramMain() of an engine.
int WorkerMain(int argc, char** argv, const EngineEntry& engine);

// The `info` object of a description, as the protocol spells it.
Json DescriptionJson(const EngineInfo& info);

}  // namespace bakeoff::worker
