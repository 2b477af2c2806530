// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Units and digits.
#include "cli/numbers.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace bakeoff::cli {

Unit UnitFor(double smallest_ns) {
  constexpr std::array kUnits = {Unit{"ns", 1}, Unit{"us", 1e3}, Unit{"ms", 1e6}, Unit{"s", 1e9}};
  Unit unit = kUnits[0];
  for (const Unit& candidate : kUnits) {
    if (smallest_ns >= candidate.ns / 10) unit = candidate;
  }
  return unit;
}

std::string Digits(double value) {
  if (value > 0 && value < 0.001) return "<0.001";
  if (value >= 100 || value == 0) return fmt::format("{:.0f}", value);
  return value >= 10     ? fmt::format("{:.1f}", value)
         : value >= 0.01 ? fmt::format("{:.2f}", value)
                         : fmt::format("{:.3f}", value);
}

std::string Plain(double value) {
  return std::abs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

std::string Number(std::optional<double> value) {
  return value ? Digits(*value) : "-";
}

std::string Rate(std::optional<double> value) {
  if (!value) return "-";
  if (*value >= 1e6) return Digits(*value / 1e6) + "M";
  return *value >= 1e4 ? Digits(*value / 1e3) + "k" : Digits(*value);
}

std::optional<double> Over(std::optional<double> value, double by) {
  return value ? std::optional(*value / by) : std::nullopt;
}

}  // namespace bakeoff::cli
