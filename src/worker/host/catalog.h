// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which engines and hops there are: finds worker executables, asks each for its description, and remembers the answers.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/converter.h"
#include "bakeoff/engine.h"

namespace bakeoff::worker {

enum class EngineStatus { kPresent, kMissing, kBroken };
std::string_view StatusName(EngineStatus status);  // "present", "missing", "broken"

template <typename Info>
struct WorkerEntry {
  std::string name;
  EngineStatus status = EngineStatus::kMissing;
  std::string reason;      // why it is missing or broken, and what to do; "" when present
  std::string executable;  // "" when missing
  Info info;               // only when present
};
using EngineEntryStatus = WorkerEntry<EngineInfo>;
using HopEntryStatus = WorkerEntry<HopInfo>;

// Every engine known: workers on BAKEOFF_ENGINE_PATH (colon-separated folders, first wins) and beside this program, and
// engines that the build left out, with the build's reason. Descriptions come from a cache keyed by the identity (path,
// size, mtime, inode) of the executable and of the runtime libraries that it named; stale or unreadable entries are
// asked again, all at once. Sorted by name. Thread-safe.
std::vector<EngineEntryStatus> Engines();
// The same with another program folder and cache folder ("" = no cache).
std::vector<EngineEntryStatus> EnginesIn(const std::filesystem::path& folder, const std::filesystem::path& cache);

// The same for hops, bakeoff-hop-<name>.
std::vector<HopEntryStatus> Hops();
std::vector<HopEntryStatus> HopsIn(const std::filesystem::path& folder, const std::filesystem::path& cache);

// The engines meant by a list such as "all", "onnx,fake" -> entries in the order given. "all" leaves out those that are
// absent and the test engines (EngineInfo::for_testing). Throws Error: kNotFound for an unknown name (with the
// nearest), kUnavailable for a known one that is absent (with the reason).
std::vector<EngineEntryStatus> SelectEngines(const std::string& list);
std::vector<EngineEntryStatus> Select(const std::vector<EngineEntryStatus>& known, const std::string& list);

// The folder of the running program.
std::filesystem::path ProgramFolder();

}  // namespace bakeoff::worker
