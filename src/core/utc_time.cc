// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The system clock as text.
#include "core/utc_time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace bakeoff::core {

std::string UtcNow() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace bakeoff::core
