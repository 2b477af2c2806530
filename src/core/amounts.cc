// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Rounds for readers.
#include "core/amounts.h"

#include <fmt/format.h>

#include <cstdlib>

namespace bakeoff::core {

// What differs from another number later than a double can tell is that number.
constexpr int kMostDecimals = 15;

std::string Count(int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string Percent(std::optional<double> share, std::string_view none) {
  return share ? fmt::format("{:.1f} %", *share * 100) : std::string(none);
}

std::string Apart(double value, double unlike, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  while (value != unlike && decimals < kMostDecimals && std::strtod(text.c_str(), nullptr) == unlike)
    text = fmt::format("{:.{}f}", value, ++decimals);
  return text;
}

std::string SignedApart(double value, int decimals) {
  if (value == 0) value = 0;  // not -0
  const std::string text = Apart(value, 0, decimals);
  return value < 0 ? text : "+" + text;
}

}  // namespace bakeoff::core
