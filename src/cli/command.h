// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a command is: one table of options per command, from which parser, --help, docs/cli.md and completion come.
#pragma once

#include <span>
#include <string_view>

#include "cli/console.h"
#include "cli/options.h"

namespace bakeoff::cli {

// One option. Names are written without dashes.
struct OptionRow {
  std::string_view name;
  std::string_view value;     // placeholder of the value, "N,.."; "" makes a switch; "[FILE]" may be left out
  std::string_view fallback;  // the value when it is not given, as text; "" means nothing or automatic
  std::string_view help;      // one sentence with a full stop
  char letter = 0;            // short form, -o
  bool repeatable = false;
  bool hidden = false;  // left out of help and docs
};

// Words without dashes. The last row alone may take any number (most = 0).
struct PositionalRow {
  std::string_view name;  // "MODEL"
  std::string_view help;
  int least = 1;
  int most = 1;
};

struct Command {
  std::string_view name;     // "bench"; two words for a member of a group: "data make"
  std::string_view summary;  // one line without a full stop, for the list
  std::string_view text;     // further lines for --help and the page; may be empty
  std::string_view example;  // one or more command lines, without indentation
  std::span<const PositionalRow> positionals;
  std::span<const OptionRow> options;
  bool hidden = false;  // left out of the short help
  // Returns the exit code; throws Error. Data goes to stdout through the console, words to stderr.
  int (*run)(const Options& options, Console& console) = nullptr;
  // Throws what run() throws for values that are wrong by themselves, without doing anything, by the same code; with
  // `models`, also what the files among the words say against them. nullptr: there is nothing that can be told before.
  void (*check)(const Options& options, bool models) = nullptr;
};

// The option that every command that prints a table has; WriteJson() of cli/output.h serves it.
inline constexpr OptionRow kJsonOption{
    "json", "[FILE]", "", "Write the result as JSON to FILE; to stdout, instead of the table, without FILE or with -."};

// The options that every command has besides its own.
std::span<const OptionRow> CommonOptions();

}  // namespace bakeoff::cli
