// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Whether the kernel ended processes because memory was short.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace bakeoff::core {

// How many processes the kernel has ended for that reason since it started, in all control groups; nullopt: not told.
// `root` is "/" but in tests.
std::optional<int64_t> OutOfMemoryKills(const std::filesystem::path& root = "/");

}  // namespace bakeoff::core
