// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reading settings from JSON with errors that name the field.
#include "data/fields.h"

#include <fmt/format.h>

#include <cmath>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::data {

Fields::Fields(std::string place, const Json& json) : place_(std::move(place)), json_(json) {
  if (!json_.is_object())
    throw Error(ErrorCode::kUsage, fmt::format("{}: an object in braces is wanted, not {}", place_, json_.type_name()));
}

void Fields::Fail(std::string_view name, const std::string& wanted) const {
  const auto found = json_.find(std::string(name));
  const std::string there = found == json_.end() ? "nothing" : found->dump();
  throw Error(ErrorCode::kUsage, fmt::format("{}.{}: {} is wanted, not {}", place_, name, wanted, there.substr(0, 80)));
}

bool Fields::Has(std::string_view name) {
  known_.emplace(name);
  const auto found = json_.find(std::string(name));
  return found != json_.end() && !found->is_null();
}

double Fields::Number(std::string_view name, double fallback, double low, double high) {
  if (!Has(name)) return fallback;
  const Json& value = json_.at(std::string(name));
  if (!value.is_number() || !(value.get<double>() >= low && value.get<double>() <= high)) {
    Fail(name, fmt::format("a number from {} to {}", low, high));
  }
  return value.get<double>();
}

int Fields::Int(std::string_view name, int fallback, int low, int high) {
  const double value = Number(name, fallback, low, high);
  if (value != std::floor(value)) Fail(name, "a whole number");
  return static_cast<int>(value);
}

std::string Fields::Choice(std::string_view name, std::string_view fallback, const std::set<std::string>& choices) {
  if (!Has(name)) return std::string(fallback);
  const Json& value = json_.at(std::string(name));
  if (!value.is_string() || !choices.contains(value.get<std::string>()))
    Fail(name, fmt::format("one of {}", fmt::join(choices, ", ")));
  return value.get<std::string>();
}

void Fields::Read(std::string_view name, size_t count, double low, double high, double* values) {
  const Json& list = json_.at(std::string(name));
  bool good = list.is_array() && list.size() == count;
  for (size_t i = 0; good && i < count; ++i) {
    good = list[i].is_number() && list[i].get<double>() >= low && list[i].get<double>() <= high;
    if (good) values[i] = list[i].get<double>();
  }
  if (!good) Fail(name, fmt::format("a list of {} numbers from {} to {}", count, low, high));
}

Fields Fields::Object(std::string_view name) {
  return Fields(fmt::format("{}.{}", place_, name), Has(name) ? json_.at(std::string(name)) : Json::object());
}

void Fields::Done() const {
  for (const auto& [name, value] : json_.items()) {
    if (!known_.contains(name)) {
      const std::vector<std::string> names(known_.begin(), known_.end());
      throw Error(ErrorCode::kUsage, fmt::format("{}.{}: no such setting{} (known: {})", place_, name,
                                                 core::DidYouMean(name, names), core::Join(names, ", ")));
    }
  }
}

}  // namespace bakeoff::data
