// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Numbers of results as tables show them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bakeoff::cli {

struct Unit {
  std::string_view name;
  double ns;
};

// ns, us, ms or s: the largest in which a time of `smallest_ns` is at least a tenth.
Unit UnitFor(double smallest_ns);

// Three significant digits without an exponent.
std::string Digits(double value);
// Four significant digits; more where the whole part has more: never an exponent for what is large.
std::string Plain(double value);
// "-" where there is none.
std::string Number(std::optional<double> value);
// With k or M, as rates span many powers of ten.
std::string Rate(std::optional<double> value);
std::optional<double> Over(std::optional<double> value, double by);

}  // namespace bakeoff::cli
