// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Everything that a campaign file may say, as one table: it is checked by it and docs/campaigns.md is made from it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff::campaign {

enum class Kind {
  kText,
  kPath,     // relative to the campaign file
  kPaths,    // one or several
  kWhole,    // an integer
  kReal,     // a number
  kYesNo,    // true or false
  kTexts,    // one or several
  kOptions,  // a map of ENGINE.OPTION to a value or a list of them
  kSection,  // a map
  kSwitched  // a map, or true or false
};

struct Key {
  std::string_view name;  // with its sections: "data.make"
  Kind kind;
  std::string_view fallback;  // what holds without it, as text for people
  std::string_view help;      // one sentence with a full stop
  std::string_view choices;   // "a|b", "" for anything
};

// An option of a command of the tool, as the command line declares it.
struct CommandOption {
  std::string name, value;  // "energy-window", "TIME"; no value: a switch
  bool repeatable = false;
};

// A section whose further keys are options of a command, with _ for -.
struct CommandSection {
  std::string_view name, command;
  // Options that the campaign gives itself, or that make no sense in it.
  std::vector<std::string_view> taken;
};

std::span<const Key> Keys();
const std::vector<CommandSection>& CommandSections();

// The options of a command that the tool has; nullptr for a command that it does not have.
using OptionsOf = std::function<const std::vector<CommandOption>*(std::string_view command)>;

// The tables of docs/campaigns.md.
std::string KeysMarkdown(const OptionsOf& options);

}  // namespace bakeoff::campaign
