// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Typed access to the values of a command line.
#include "cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bakeoff/error.h"
#include "cli/command.h"
#include "core/text.h"

namespace bakeoff::cli {
namespace {

Error Bad(std::string_view name, std::string_view value, const std::string& why) {
  return Error(ErrorCode::kUsage, fmt::format("--{} '{}': {}", name, value, why));
}

}  // namespace

Options::Options(const Command& command, Given given, std::vector<std::string> words)
    : command_(&command), given_(std::move(given)), words_(std::move(words)) {}

std::string_view Options::Fallback(std::string_view name) const {
  for (const auto rows : {command_->options, CommonOptions()}) {
    for (const OptionRow& row : rows) {
      if (row.name == name) return row.fallback;
    }
  }
  throw Error(ErrorCode::kInternal,
              fmt::format("the command '{}' reads the option --{}, which it does not declare", command_->name, name));
}

std::string_view Options::Placeholder(std::string_view name) const {
  for (const OptionRow& row : command_->options) {
    if (row.name == name) return row.value;
  }
  return "NAME=VALUE";
}

bool Options::Has(std::string_view name) const {
  Fallback(name);
  return given_.contains(name);
}

std::vector<std::string> Options::CommandLine() const {
  std::vector<std::string> words = core::Split(command_->name, ' ');
  words.insert(words.end(), words_.begin(), words_.end());
  for (const auto& [name, values] : given_) {
    const auto rows = command_->options;
    const bool is_switch = std::any_of(rows.begin(), rows.end(),
                                       [&](const OptionRow& row) { return row.name == name && row.value.empty(); });
    for (const std::string& value : values) {
      words.push_back("--" + name);
      if (!is_switch) words.push_back(value);
    }
  }
  return words;
}

std::string Options::Text(std::string_view name) const {
  const std::string_view fallback = Fallback(name);
  const auto found = given_.find(name);
  return found == given_.end() ? std::string(fallback) : found->second.back();
}

std::vector<std::string> Options::All(std::string_view name) const {
  const std::string_view fallback = Fallback(name);
  const auto found = given_.find(name);
  if (found != given_.end()) return found->second;
  if (fallback.empty()) return {};
  return {std::string(fallback)};
}

std::vector<std::string> Options::List(std::string_view name) const {
  std::vector<std::string> parts;
  for (const std::string& text : All(name)) {
    for (std::string& part : core::Split(text, ',')) {
      if (part.empty()) throw Bad(name, text, "an empty name in the list");
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

int64_t Options::Int(std::string_view name, int64_t low, int64_t high) const {
  const std::string text = Text(name);
  const auto value = core::ParseInt(text);
  if (!value) throw Bad(name, text, "not a whole number");
  if (*value < low || *value > high) {
    throw Bad(name, text,
              high == std::numeric_limits<int64_t>::max() ? fmt::format("must be at least {}", low)
                                                          : fmt::format("must be between {} and {}", low, high));
  }
  return *value;
}

double Options::Real(std::string_view name, double low, double high) const {
  const std::string text = Text(name);
  const auto value = core::ParseReal(text);
  if (!value || !std::isfinite(*value)) throw Bad(name, text, "not a number");
  if (*value < low || *value > high) throw Bad(name, text, fmt::format("must be between {} and {}", low, high));
  return *value;
}

std::vector<int64_t> Options::Ints(std::string_view name, int64_t low, int64_t high) const {
  return core::ParseIntList(fmt::format("--{}", name), core::Join(All(name), ","), low, high);
}

std::vector<double> Options::Reals(std::string_view name, double low, double high) const {
  std::vector<double> values;
  for (const std::string& text : List(name)) {
    const auto value = core::ParseReal(text);
    if (!value || !std::isfinite(*value)) throw Bad(name, text, "not a number");
    if (*value < low || *value > high) throw Bad(name, text, fmt::format("must be between {} and {}", low, high));
    if (std::find(values.begin(), values.end(), *value) == values.end()) values.push_back(*value);
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> Options::Pairs(std::string_view name) const {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& text : All(name)) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) throw Bad(name, text, fmt::format("must be {}", Placeholder(name)));
    pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

std::chrono::nanoseconds Options::Duration(std::string_view name) const {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  // Longest first: "ms" also ends in "s".
  constexpr std::array kUnits = {Unit{"ms", 1e-3}, Unit{"us", 1e-6}, Unit{"s", 1}, Unit{"m", 60}, Unit{"h", 3600}};
  const std::string text = Text(name);
  std::string_view number = text;
  double seconds = 1;
  for (const Unit& unit : kUnits) {
    if (!number.ends_with(unit.name)) continue;
    number.remove_suffix(unit.name.size());
    seconds = unit.seconds;
    break;
  }
  const auto value = core::ParseReal(number);
  if (!value || !std::isfinite(*value))
    throw Bad(name, text, "not a duration; give seconds, or a number with ms, s, m or h");
  // 10^7 s are four months: beyond it is a typing error, and far from the range of nanoseconds in 64 bits.
  if (*value <= 0 || *value * seconds > 1e7)
    throw Bad(name, text, "a duration must be above zero and below four months");
  return std::chrono::nanoseconds(std::max<int64_t>(1, std::llround(*value * seconds * 1e9)));
}

}  // namespace bakeoff::cli
