// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One worker's description: asked with --describe, and remembered under the identity of the files it depends on.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/json.h"

namespace bakeoff::worker {

// Runs `executable --describe`: the `info` object, with a "name" that is the file's. Throws Error: kTimeout,
// kEngineFailed with the reason and what to do about it. The files that make the description stale are written to
// `libraries`.
Json AskForDescription(const std::string& executable, std::chrono::milliseconds limit,
                       std::vector<std::string>& libraries);

// nullopt when there is no entry, or it is not readable, of another version, or of files that have changed since.
std::optional<Json> RememberedDescription(const std::filesystem::path& cache, const std::string& executable);

// A cache that cannot be written is no failure: the next call asks again.
void RememberDescription(const std::filesystem::path& cache, const std::string& executable, const Json& info,
                         const std::vector<std::string>& libraries);

}  // namespace bakeoff::worker
