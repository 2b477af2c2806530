// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the store in a campaign's folder has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

namespace bakeoff::campaign {

std::filesystem::path StoreOf(const std::filesystem::path& folder);

// The names of the measurements in it; none where there is no store.
std::set<std::string> StoreNames(const std::filesystem::path& store);

// Whether it has that measurement, whole.
bool StoreHas(const std::filesystem::path& store, int64_t campaign);

}  // namespace bakeoff::campaign
