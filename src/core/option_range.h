// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Engine options that are whole numbers of a range: counts of threads and streams.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "bakeoff/error.h"
#include "bakeoff/options.h"

namespace bakeoff::core {

// Most threads or streams that an engine is asked for.
inline constexpr int64_t kMostThreads = 4096;

// The given value, `if_empty` without one. Throws Error{kUsage} as OptionValues::Int(), and for a given value outside
// [low, high].
inline int64_t IntWithin(const OptionValues& options, std::string_view name, int64_t low, int64_t high,
                         int64_t if_empty) {
  if (options.Text(name).empty()) return if_empty;
  const int64_t value = options.Int(name);
  if (value < low || value > high)
    throw Error(ErrorCode::kUsage, fmt::format("{}.{}={}: takes {} to {}", options.owner(), name, value, low, high));
  return value;
}

inline int64_t ThreadsOf(const OptionValues& options, std::string_view name, int64_t if_empty) {
  return IntWithin(options, name, 1, kMostThreads, if_empty);
}

}  // namespace bakeoff::core
