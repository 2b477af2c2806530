// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Points in time as records and the store write them.
#pragma once

#include <string>

namespace bakeoff::core {

// Now, in UTC, ISO 8601 with seconds: "2026-01-02T03:04:05Z".
std::string UtcNow();

}  // namespace bakeoff::core
