// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Options that an engine, hop or meter declares, and the values a user gave for them.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff {

// One declared option. `choices` is empty (free text or number) or "a|b|c".
struct OptionSpec {
  std::string name;
  std::string default_value;  // "" means: the runtime's own default
  std::string help;
  std::string choices;
  // A variable that the runtime reads while it is loaded: the host starts the worker with it set to the given value,
  // where a value is given. Load() checks that it was.
  std::string environment = {};
  // It says what of the model is computed (a signature): answers with another value answer another question.
  bool selects = false;
};

// Values by option name. Every read is remembered: an option that was given and that nobody read is a usage
// error, because the user would otherwise measure something else than they asked for. Not thread-safe.
class OptionValues {
 public:
  OptionValues() = default;
  // Throws Error{kUsage} for a name that `specs` does not have (naming the nearest and listing all) and for
  // a value outside an option's choices. `owner` is the engine's name, for the message.
  OptionValues(std::string owner, std::vector<OptionSpec> specs, std::map<std::string, std::string> given);

  // The given value or the default. Throws Error{kInternal} for an undeclared name.
  const std::string& Text(std::string_view name) const;
  bool IsGiven(std::string_view name) const;  // given by the user; counts as read
  // As Text(), parsed. Throw Error{kUsage} naming the option and the value. Bool takes
  // true|false|1|0|on|off|yes|no. An empty text gives `if_empty`.
  int64_t Int(std::string_view name, int64_t if_empty = 0) const;
  double Real(std::string_view name, double if_empty = 0) const;
  bool Bool(std::string_view name, bool if_empty = false) const;

  // Names that were given and never read.
  std::vector<std::string> Unread() const;
  const std::string& owner() const { return owner_; }

 private:
  const OptionSpec& Spec(std::string_view name) const;

  std::string owner_;
  std::vector<OptionSpec> specs_;
  std::map<std::string, std::string, std::less<>> given_;
  mutable std::set<std::string, std::less<>> read_;
};

}  // namespace bakeoff
