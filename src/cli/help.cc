// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Texts made from the tables: help, docs/cli.md, completion; and `bakeoff help`.
#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/parser.h"
#include "core/text.h"

namespace bakeoff::cli {
namespace {

constexpr size_t kWidth = 80;

std::string PositionalText(const PositionalRow& row) {
  const std::string name = row.most == 1 ? std::string(row.name) : fmt::format("{}...", row.name);
  return row.least == 0 ? fmt::format("[{}]", name) : name;
}

std::string UsageLine(const Command& command) {
  std::string line = fmt::format("bakeoff {}", command.name);
  for (const PositionalRow& row : command.positionals) line += " " + PositionalText(row);
  return line + " [options]";
}

std::string OptionText(const OptionRow& row) {
  std::string text = row.letter ? fmt::format("-{}, --{}", row.letter, row.name) : fmt::format("--{}", row.name);
  if (!row.value.empty()) text += fmt::format(" {}", row.value);
  return text;
}

std::string OptionHelp(const OptionRow& row) {
  std::string text(row.help);
  if (!row.fallback.empty()) text += fmt::format(" Default: {}.", row.fallback);
  if (row.repeatable) text += " May be given several times.";
  return text;
}

// "  left    right", the right side wrapped and indented.
std::string Entry(const std::string& left, std::string_view right, size_t indent) {
  std::string text = "  " + left;
  if (text.size() + 2 > indent) {
    text += '\n' + std::string(indent, ' ');
  } else {
    text.resize(indent, ' ');
  }
  const auto lines = Wrap(right, kWidth - indent);
  return text + core::Join(lines, "\n" + std::string(indent, ' ')) + '\n';
}

std::string Paragraphs(std::string_view text) {
  std::string out;
  for (const std::string& paragraph : core::Split(text, '\n')) out += core::Join(Wrap(paragraph, kWidth), "\n") + '\n';
  return out;
}

int RunHelp(const Options& options, Console& console) {
  if (options.Positional().empty()) {
    console.Out(ShortHelp());
    return 0;
  }
  const std::string name = core::Join(options.Positional(), " ");
  const Command* command = FindCommand(name);
  if (!command) {
    const auto member = [&](const Command* known) { return known->name.starts_with(name + " "); };
    if (std::any_of(kCommands.begin(), kCommands.end(), member)) {
      console.Out(ShortHelp(name));
      return 0;
    }
    std::vector<std::string> names;
    for (const Command* known : kCommands) names.emplace_back(known->name);
    const auto nearest = core::Nearest(name, names);
    throw Error(ErrorCode::kUsage, fmt::format("unknown command '{}'{}", name,
                                               nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""));
  }
  console.Out(CommandHelp(*command));
  return 0;
}

constexpr PositionalRow kHelpWords[] = {{"COMMAND", "The command to explain.", 0, 0}};

}  // namespace

std::string ShortHelp(std::string_view group) {
  const std::string first = group.empty() ? "" : fmt::format("{} ", group);
  std::string text =
      group.empty() ? "Bakeoff: which inference engine, set up how, should run this model on this\nmachine?\n\n" : "";
  text += fmt::format("Usage: bakeoff {}COMMAND [options]\n\nCommands:\n", first);
  for (const Command* command : kCommands) {
    if (!command->hidden && command->name.starts_with(first))
      text += Entry(std::string(command->name), command->summary, 16);
  }
  return text + "\nOptions:\n" + Entry("--help", "Show this help; `bakeoff COMMAND --help` has an example.", 16) +
         Entry("--version", "Show the version.", 16) +
         Entry("--log-level", "What to log on stderr: error, warn, info, debug or off.", 16);
}

std::string CommandHelp(const Command& command) {
  std::string text =
      fmt::format("Usage: {}\n\n{}", UsageLine(command), Paragraphs(fmt::format("{}.", command.summary)));
  if (!command.text.empty()) text += Paragraphs(command.text);
  if (!command.positionals.empty()) {
    text += "\nArguments:\n";
    for (const PositionalRow& row : command.positionals) text += Entry(PositionalText(row), row.help, 26);
  }
  text += "\nOptions:\n";
  for (const auto rows : {command.options, CommonOptions()}) {
    for (const OptionRow& row : rows) {
      if (!row.hidden) text += Entry(OptionText(row), OptionHelp(row), 26);
    }
  }
  text += "\nExample:\n";
  for (const std::string& line : core::Split(command.example, '\n')) text += "  " + line + '\n';
  return text;
}

std::string CliPage() {
  std::string text =
      "# Commands\n\n"
      "Made from the tables in `src/cli/` by `bakeoff docs cli`; do not edit. Options may stand before or after "
      "arguments. Options that\n"
      "say so take lists and ranges: `1,2,4`, `1..4`. Exit codes: 0 done, 1 the answers differ, 2 a wrong request "
      "(option, name,\n"
      "file), 3 a failure; a command that has others names them. Shell completion: `eval \"$(bakeoff docs "
      "completion)\"`.\n";
  for (const Command* command : kCommands) {
    text += fmt::format("\n## bakeoff {}\n\n{}.{}{}\n\n```\n{}\n```\n", command->name, command->summary,
                        command->text.empty() ? "" : " ", command->text, UsageLine(*command));
    if (!command->positionals.empty() || !command->options.empty())
      text += "\n| argument or option | meaning |\n|---|---|\n";
    const auto row_text = [](const std::string& left, std::string right) {
      for (size_t at = 0; (at = right.find('|', at)) != std::string::npos; at += 2) right.insert(at, "\\");
      return fmt::format("| `{}` | {} |\n", left, right);
    };
    for (const PositionalRow& row : command->positionals) text += row_text(PositionalText(row), std::string(row.help));
    for (const OptionRow& row : command->options) {
      if (!row.hidden) text += row_text(OptionText(row), OptionHelp(row));
    }
    text += fmt::format("\nExample:\n\n```\n{}\n```\n", command->example);
  }
  return text;
}

std::string BashCompletion() {
  std::string names, cases;
  for (const Command* command : kCommands) {
    if (command->hidden) continue;
    const std::string first(command->name.substr(0, command->name.find(' ')));
    if ((" " + names + " ").find(" " + first + " ") == std::string::npos) names += (names.empty() ? "" : " ") + first;
    std::string options;
    for (const auto rows : {command->options, CommonOptions()}) {
      for (const OptionRow& row : rows) {
        if (!row.hidden) options += fmt::format(" --{}", row.name);
      }
    }
    const size_t space = command->name.find(' ');
    const std::string pattern = space == std::string_view::npos
                                    ? fmt::format("\"{} \"*", first)
                                    : fmt::format("\"{} {} \"*", first, command->name.substr(space + 1));
    cases += fmt::format("    {}) options=\"{}\" ;;\n", pattern, options.substr(1));
  }
  return fmt::format(
      "_bakeoff() {{\n"
      "  local word=\"${{COMP_WORDS[COMP_CWORD]}}\" line=\"${{COMP_WORDS[*]:1}} \" options=\"\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"{} --help --version\" -- \"$word\")); return; "
      "fi\n"
      "  case \"$line\" in\n{}  esac\n"
      "  case \"$word\" in -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;; *) COMPREPLY=($(compgen -f -- "
      "\"$word\")) ;; esac\n"
      "}}\n"
      "complete -o filenames -F _bakeoff bakeoff\n",
      names, cases);
}

const Command kHelp{
    .name = "help",
    .summary = "Explain a command",
    .example = "bakeoff help engines",
    .positionals = kHelpWords,
    .run = RunHelp,
};

}  // namespace bakeoff::cli
