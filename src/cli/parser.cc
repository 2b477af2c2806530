// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Builds a CLI11 parser from the tables; what CLI11 does not recognise comes back here and gets a suggestion.
#include "cli/parser.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "core/text.h"

namespace bakeoff::cli {
namespace {

constexpr OptionRow kCommon[] = {
    {"help", "", "", "Show this help.", 'h'},
    {"log-level", "LEVEL", "warn", "What to log on stderr: error, warn, info, debug or off."},
};

// A switch has no value; "[FILE]" may be left out.
bool IsSwitch(const OptionRow& row) {
  return row.value.empty();
}
bool MayBeLeftOut(const OptionRow& row) {
  return row.value.starts_with('[');
}

// Adds one row to CLI11's parser of a command. Values stay there, as text.
void AddOption(CLI::App& app, const OptionRow& row, std::vector<std::string>& values) {
  const std::string names = row.letter ? fmt::format("-{},--{}", row.letter, row.name) : fmt::format("--{}", row.name);
  if (IsSwitch(row)) {
    app.add_flag(names)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    return;
  }
  CLI::Option* option = app.add_option(names, values)->type_name(std::string(row.value));
  if (MayBeLeftOut(row)) option->expected(0, 1)->default_str("");
  option->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::vector<std::string> OptionNames(const Command& command) {
  std::vector<std::string> names;
  for (const auto rows : {command.options, CommonOptions()}) {
    for (const OptionRow& row : rows) {
      if (!row.hidden) names.push_back(fmt::format("--{}", row.name));
    }
  }
  return names;
}

std::string SeeHelp(const Command* command) {
  return command ? fmt::format(" (see: bakeoff {} --help)", command->name) : " (see: bakeoff --help)";
}

Error Usage(const std::string& text, const Command* command) {
  return Error(ErrorCode::kUsage, text + SeeHelp(command));
}

Error UnknownOption(std::string word, const Command* command) {
  word = word.substr(0, word.find('='));
  std::vector<std::string> names = {"--help", "--version", "--log-level"};
  if (command) names = OptionNames(*command);
  const auto nearest = core::Nearest(word, names);
  return Usage(fmt::format("unknown option {}{}", word, nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""),
               command);
}

// Members of "data" or, for "", the first words of all commands.
std::vector<std::string> NamesUnder(std::string_view group) {
  std::vector<std::string> names;
  for (const Command* command : kCommands) {
    if (command->hidden) continue;
    std::string_view name = command->name;
    if (!group.empty()) {
      if (!name.starts_with(group) || name.size() <= group.size() || name[group.size()] != ' ') continue;
      name.remove_prefix(group.size() + 1);
    }
    const std::string first(name.substr(0, name.find(' ')));
    if (names.empty() || names.back() != first) names.push_back(first);
  }
  return names;
}

Error UnknownCommand(const std::string& word, std::string_view group) {
  const auto names = NamesUnder(group);
  const std::string full = group.empty() ? word : fmt::format("{} {}", group, word);
  const auto nearest = core::Nearest(word, names);
  return Error(ErrorCode::kUsage, fmt::format("unknown command '{}'; {}", full,
                                              nearest ? fmt::format("did you mean '{}'?", *nearest)
                                                      : fmt::format("there are: {}", core::Join(names, ", "))));
}

void CheckWords(const Command& command, const std::vector<std::string>& words) {
  size_t least = 0, most = 0;
  bool any = false;
  for (const PositionalRow& row : command.positionals) {
    if (words.size() < least + static_cast<size_t>(row.least)) {
      throw Usage(fmt::format("{} is missing: {}", row.name, row.help), &command);
    }
    least += static_cast<size_t>(row.least);
    most += static_cast<size_t>(row.most);
    any = any || row.most == 0;
  }
  if (!any && words.size() > most) throw Usage(fmt::format("one word too many: '{}'", words[most]), &command);
}

// What stands in front of the command's name, and how many words that is.
size_t ParseFront(const std::vector<std::string>& words, Invocation& invocation) {
  size_t at = 0;
  for (; at < words.size() && words[at].starts_with('-'); ++at) {
    const std::string& word = words[at];
    if (word == "-h" || word == "--help") {
      invocation.help = true;
    } else if (word == "--version") {
      invocation.version = true;
    } else if (word.starts_with("--log-level=")) {
      invocation.log_level = word.substr(word.find('=') + 1);
    } else if (word == "--log-level" && at + 1 < words.size()) {
      invocation.log_level = words[++at];
    } else {
      throw UnknownOption(word, nullptr);
    }
  }
  return at;
}

// The command that the words from `at` name; `at` moves behind its name. nullptr: a group, with help asked for.
const Command* FindNamed(const std::vector<std::string>& words, size_t& at) {
  const std::string& first = words[at++];
  if (first.empty())
    throw Error(ErrorCode::kUsage,
                fmt::format("the command is empty; there are: {}", core::Join(NamesUnder(""), ", ")));
  if (const Command* command = FindCommand(first)) return command;
  const auto members = NamesUnder(first);
  if (members.empty()) throw UnknownCommand(first, "");
  if (at == words.size()) {
    throw Error(ErrorCode::kUsage, fmt::format("'{0}' is a group; there are: {0} {1}", first,
                                               core::Join(members, fmt::format(", {} ", first))));
  }
  const std::string& second = words[at++];
  if (second == "-h" || second == "--help") return nullptr;
  const Command* command = FindCommand(first + " " + second);
  if (!command) throw UnknownCommand(second, first);
  return command;
}

// CLI11 takes "--x=" for "--x" and would eat the next word, and "--switch=anything" for "--switch".
void RefuseWrongValues(const std::vector<std::string>& words, const Command& command) {
  for (const std::string& word : words) {
    if (word == "--") return;
    const size_t equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string::npos) continue;
    if (equals == word.size() - 1) throw Usage(fmt::format("the option {} has an empty value", word), &command);
    for (const auto rows : {command.options, CommonOptions()}) {
      for (const OptionRow& row : rows) {
        if (IsSwitch(row) && word.substr(2, equals - 2) == row.name)
          throw Usage(fmt::format("--{} takes no value; leave '{}' out", row.name, word.substr(equals)), &command);
      }
    }
  }
}

}  // namespace

std::span<const OptionRow> CommonOptions() {
  return kCommon;
}

Invocation Parse(const std::vector<std::string>& words) {
  Invocation invocation{.log_level = "warn"};
  size_t at = ParseFront(words, invocation);
  if (at == words.size() || invocation.version) return invocation;
  const Command* command = FindNamed(words, at);
  if (!command) {
    invocation.help = true;
    invocation.group = words[at - 2];  // behind it stands --help
    return invocation;
  }
  invocation.command = command;
  const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, std::vector<std::string>> values;
  for (const auto rows : {command->options, CommonOptions()}) {
    for (const OptionRow& row : rows) AddOption(app, row, values[std::string(row.name)]);
  }
  std::vector<std::string> positional;
  int least = 0;
  for (const PositionalRow& row : command->positionals) least += row.least;
  // `required` keeps "--json MODEL" from taking the model as its FILE.
  if (!command->positionals.empty())
    app.add_option("words", positional)->expected(std::max(least, 1), 1 << 20)->required(least > 0);
  std::optional<std::string> wrong;
  try {
    app.parse(std::vector<std::string>(rest.rbegin(), rest.rend()));
  } catch (const CLI::ArgumentMismatch& error) {
    // "--threads: 1 required N,.. missing" comes for an option at the end of the line.
    const std::string text = error.what();
    const std::string name = text.substr(0, text.find(':'));
    for (const OptionRow& row : command->options) {
      if (name == fmt::format("--{}", row.name)) wrong = fmt::format("{} needs a value: {}", name, row.value);
    }
    if (!wrong) wrong = text;
  } catch (const CLI::ParseError& error) {
    wrong = error.what();
  }
  if (app.get_option("--help")->count() > 0) invocation.help = true;
  if (invocation.help) return invocation;
  RefuseWrongValues(rest, *command);
  for (const std::string& word : app.remaining()) {
    if (word.starts_with('-') && word != "-" && word != "--") throw UnknownOption(word, command);
  }
  CheckWords(*command, positional);
  if (wrong) throw Usage(*wrong, command);
  for (const std::string& word : app.remaining()) {
    if (word != "--") throw Usage(fmt::format("one word too many: '{}'", word), command);
  }

  Options::Given given;
  for (const auto rows : {command->options, CommonOptions()}) {
    for (const OptionRow& row : rows) {
      const CLI::Option* option = app.get_option(fmt::format("--{}", row.name));
      if (option->count() == 0) continue;
      if (!IsSwitch(row) && !row.repeatable && option->count() > 1)
        throw Usage(fmt::format("--{} was given {} times", row.name, option->count()), command);
      given[std::string(row.name)] = option->results();
    }
  }
  invocation.options = Options(*command, std::move(given), positional);
  if (invocation.options->Has("log-level")) invocation.log_level = invocation.options->Text("log-level");
  return invocation;
}

const Command* FindCommand(std::string_view name) {
  for (const Command* command : kCommands) {
    if (command->name == name) return command;
  }
  return nullptr;
}

}  // namespace bakeoff::cli
