// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The tables of the store, and the steps from each older version to the newest. docs/results-format.md describes them.
#pragma once

#include <span>

#include "store/sqlite.h"

namespace bakeoff::store {

// PRAGMA application_id of a store: "bake" in ASCII.
inline constexpr int64_t kApplicationId = 0x62616b65;

// Step k leads from version k to k + 1; version 0 is an empty file. A step is never changed once it was released.
std::span<const char* const> Migrations();
// PRAGMA user_version of a store of this program.
int64_t NewestVersion();

// Brings the store to the newest version, in one transaction. Throws Error{kUnavailable} for a database of another
// program and for a store of a newer version, and leaves both as they are.
void Migrate(const Database& database);

}  // namespace bakeoff::store
