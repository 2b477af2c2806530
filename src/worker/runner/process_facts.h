// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a worker can tell about its own process: peak memory, libraries, and settings that change results.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"

namespace bakeoff::worker {

// Shared objects of this process that lie outside the system's folders: the runtime's own.
// And those that were named with AddLibrary().
std::vector<std::string> LoadedLibraries();
// Names a file that the loader does not know of: a script, a package's version. Only before threads are made.
void AddLibrary(std::string path);

// Resets VmHWM to the present size; false where the kernel does not allow it, and the peak is then that of the whole
// life.
bool ResetPeakMemory();
// VmHWM; nullopt where /proc does not tell.
std::optional<int64_t> PeakMemoryBytes();

// For load's `effective`: CPU mask, denormals mode of this thread, instruction level, environment variables that change
// how memory or threads work, protocol version.
Json ProcessFacts();

// "x86-64-v3 + avx512_bf16 ..." from the flags line of /proc/cpuinfo; "" for another architecture.
std::string InstructionLevel(std::string_view cpuinfo);

}  // namespace bakeoff::worker
