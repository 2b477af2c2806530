// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Option values with the rule that what was given must be read.
#include "bakeoff/options.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff {
namespace {

std::vector<std::string> NamesOf(const std::vector<OptionSpec>& specs) {
  std::vector<std::string> names;
  for (const OptionSpec& spec : specs) names.push_back(spec.name);
  return names;
}

}  // namespace

OptionValues::OptionValues(std::string owner, std::vector<OptionSpec> specs, std::map<std::string, std::string> given)
    : owner_(std::move(owner)), specs_(std::move(specs)) {
  for (auto& [name, value] : given) {
    const auto spec = std::find_if(specs_.begin(), specs_.end(), [&](const OptionSpec& s) { return s.name == name; });
    if (spec == specs_.end()) {
      const auto names = NamesOf(specs_);
      throw Error(ErrorCode::kUsage, names.empty()
                                         ? fmt::format("{} has no options, so '{}' cannot be set", owner_, name)
                                         : fmt::format("{} has no option '{}'{} (it has: {})", owner_, name,
                                                       core::DidYouMean(name, names), core::Join(names, ", ")));
    }
    const auto choices = core::Split(spec->choices, '|');
    if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("{}.{}={}: not one of {}", owner_, name, value, core::Join(choices, ", ")));
    }
    given_.emplace(name, std::move(value));
  }
}

const OptionSpec& OptionValues::Spec(std::string_view name) const {
  for (const OptionSpec& spec : specs_) {
    if (spec.name == name) return spec;
  }
  throw Error(ErrorCode::kInternal, fmt::format("{} reads the option '{}', which it does not declare", owner_, name));
}

const std::string& OptionValues::Text(std::string_view name) const {
  const OptionSpec& spec = Spec(name);
  read_.emplace(name);
  const auto given = given_.find(name);
  return given == given_.end() ? spec.default_value : given->second;
}

bool OptionValues::IsGiven(std::string_view name) const {
  Spec(name);
  read_.emplace(name);
  return given_.contains(name);
}

int64_t OptionValues::Int(std::string_view name, int64_t if_empty) const {
  const std::string& text = Text(name);
  if (text.empty()) return if_empty;
  if (const auto value = core::ParseInt(text)) return *value;
  throw Error(ErrorCode::kUsage, fmt::format("{}.{}={}: not a whole number", owner_, name, text));
}

double OptionValues::Real(std::string_view name, double if_empty) const {
  const std::string& text = Text(name);
  if (text.empty()) return if_empty;
  if (const auto value = core::ParseReal(text)) return *value;
  throw Error(ErrorCode::kUsage, fmt::format("{}.{}={}: not a number", owner_, name, text));
}

bool OptionValues::Bool(std::string_view name, bool if_empty) const {
  const std::string& text = Text(name);
  if (text.empty()) return if_empty;
  if (const auto value = core::ParseBool(text)) return *value;
  throw Error(ErrorCode::kUsage, fmt::format("{}.{}={}: not true or false", owner_, name, text));
}

std::vector<std::string> OptionValues::Unread() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : given_) {
    if (!read_.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace bakeoff
