// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// From argv to a command and its options.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace bakeoff::cli {

struct Invocation {
  const Command* command = nullptr;  // nullptr: none was named
  std::string group;                 // "data", where help on a group was asked for
  bool help = false;
  bool version = false;
  std::string log_level;
  std::optional<Options> options;  // unless help or version
};

// `words` is argv without the program's name. Throws Error{kUsage} with the nearest name for an unknown command or
// option.
Invocation Parse(const std::vector<std::string>& words);

// Texts made from the tables.
// The commands, or with "data" those of that group.
std::string ShortHelp(std::string_view group = "");
std::string CommandHelp(const Command& command);
std::string CliPage();  // docs/cli.md
std::string BashCompletion();

// The command of that name, hidden ones as well; nullptr if there is none.
const Command* FindCommand(std::string_view name);

}  // namespace bakeoff::cli
