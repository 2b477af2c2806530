// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Counts, shares and differences in words, as every command and the report have them.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bakeoff::core {

// "1 thread", "2 threads".
std::string Count(int64_t count, std::string_view what);
// A size.
template <std::unsigned_integral T>
std::string Count(T count, std::string_view what) {
  return Count(static_cast<int64_t>(count), what);
}

// Of 0.961: "96.1 %"; `none` where there is no share.
std::string Percent(std::optional<double> share, std::string_view none = "-");

// `value` with `decimals`, or with as many more as it takes not to read as `unlike` where it is not: the end of an
// interval tells on which side of 1, or of 0, it lies.
std::string Apart(double value, double unlike, int decimals);
// Likewise from zero, with its sign: "+0.50", "-0.004", "+0.00".
std::string SignedApart(double value, int decimals);

}  // namespace bakeoff::core
