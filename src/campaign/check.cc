// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Types come from the table, or from the placeholder with which a command declares its option.
#include "campaign/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.h"

namespace bakeoff::campaign {
namespace {

bool IsTime(std::string_view text) {
  const size_t unit = text.find_first_not_of("0123456789.");
  const auto number = core::ParseReal(text.substr(0, unit));
  if (!number || *number <= 0) return false;
  if (unit == std::string_view::npos) return true;
  constexpr std::array<std::string_view, 5> kUnits = {"us", "ms", "s", "m", "h"};
  return std::find(kUnits.begin(), kUnits.end(), text.substr(unit)) != kUnits.end();
}

bool IsRange(std::string_view text) {
  const size_t dots = text.find("..");
  return dots != std::string_view::npos && core::ParseInt(text.substr(0, dots)) &&
         core::ParseInt(text.substr(dots + 2));
}

// What a placeholder of the command line stands for.
struct Type {
  std::string_view placeholder, words;
  bool (*fits)(std::string_view text);
};
constexpr std::array kTypes = {
    Type{"N", "an integer", [](std::string_view text) { return core::ParseInt(text).has_value(); }},
    Type{"MIB", "an integer", [](std::string_view text) { return core::ParseInt(text).has_value(); }},
    Type{"N,..", "an integer, a list of them or a range such as 1..4",
         [](std::string_view text) { return core::ParseInt(text).has_value() || IsRange(text); }},
    Type{"CPU,..", "an integer, a list of them or a range such as 4..7",
         [](std::string_view text) { return core::ParseInt(text).has_value() || IsRange(text); }},
    Type{"Q,..", "a number or a list of them", [](std::string_view text) { return core::ParseReal(text).has_value(); }},
    Type{"F", "a number", [](std::string_view text) { return core::ParseReal(text).has_value(); }},
    Type{"RATE", "a number", [](std::string_view text) { return core::ParseReal(text).has_value(); }},
    Type{"SHARE", "a number", [](std::string_view text) { return core::ParseReal(text).has_value(); }},
    Type{"DECAY", "a number", [](std::string_view text) { return core::ParseReal(text).has_value(); }},
    Type{"TIME", "a time such as 0.5s, 200ms or 5m", IsTime},
};

class Checker {
 public:
  Checker(const std::string& name, const OptionsOf& options) : name_(name), options_(options) {}

  void Section(const Node& map, const std::string& path) const {
    if (map.kind == Node::Kind::kNull) return;
    if (map.kind != Node::Kind::kMap)
      throw At(name_, map.line,
               path.empty() ? std::string("a campaign is a map of keys, `name: demo` for one")
                            : fmt::format("{}: a section is wanted: keys indented below it, or {{key: value}}", path));
    for (const auto& [key, value] : map.members) {
      const std::string whole = path.empty() ? key : path + "." + key;
      const auto row = std::find_if(Keys().begin(), Keys().end(), [&](const Key& each) { return each.name == whole; });
      if (row != Keys().end()) {
        OfTable(*row, value, whole);
      } else if (const CommandOption* option = OptionOfKey(path, key, options_)) {
        OfCommand(*option, value, whole);
      } else {
        Unknown(path, key, value.line);
      }
    }
  }

 private:
  [[noreturn]] void Unknown(const std::string& path, const std::string& key, int line) const {
    std::vector<std::string> known, own;
    const std::string before = path.empty() ? "" : path + ".";
    for (const Key& row : Keys()) {
      if (!row.name.starts_with(before)) continue;
      const std::string rest(row.name.substr(before.size()));
      if (rest.find('.') == std::string::npos) known.push_back(rest);
    }
    own = known;
    for (const CommandSection& section : CommandSections()) {
      if (section.name != path) continue;
      const auto* all = options_(section.command);
      for (const CommandOption& option : all ? *all : std::vector<CommandOption>()) {
        std::string name = option.name;
        std::replace(name.begin(), name.end(), '-', '_');
        if (std::find(section.taken.begin(), section.taken.end(), option.name) != section.taken.end()) {
          if (name == key)
            throw At(name_, line,
                     fmt::format("{}.{}: that option of `bakeoff {}` is the campaign's own, or belongs "
                                 "into another section (docs/campaigns.md)",
                                 path, key, section.command));
          continue;
        }
        known.push_back(name);
      }
    }
    std::string there = own.empty() ? "" : fmt::format("; there are: {}", core::Join(own, ", "));
    for (const CommandSection& section : CommandSections()) {
      if (section.name == path)
        there += fmt::format("{} the options of `bakeoff {}` with _ for -", own.empty() ? "; there are" : " and",
                             section.command);
    }
    throw At(name_, line,
             fmt::format("unknown key '{}'{}{}{}", key, path.empty() ? "" : " in " + path, core::DidYouMean(key, known),
                         there));
  }

  [[noreturn]] void Wrong(const Node& node, const std::string& where, std::string_view wanted) const {
    const std::string got = node.kind == Node::Kind::kNull   ? "nothing (the word null is to be quoted)"
                            : node.kind == Node::Kind::kList ? (node.items.empty() ? "an empty list" : "a list")
                            : node.kind == Node::Kind::kMap  ? "a section"
                                                             : "'" + core::Brief(node.text, 60) + "'";
    throw At(name_, node.line, fmt::format("{}: {} is wanted, not {}", where, wanted, got));
  }

  void Scalar(const Node& node, const std::string& where, std::string_view wanted) const {
    if (node.kind != Node::Kind::kScalar || node.text.empty()) Wrong(node, where, wanted);
  }

  void Each(const Node& node, const std::string& where, std::string_view wanted) const {
    if (node.kind == Node::Kind::kList && !node.items.empty()) {
      for (const Node& item : node.items) Scalar(item, where, wanted);
    } else {
      Scalar(node, where, wanted);
    }
  }

  void Map(const Node& node, const std::string& where, std::string_view wanted) const {
    if (node.kind != Node::Kind::kMap) Wrong(node, where, wanted);
    for (const auto& [key, value] : node.members) Each(value, where + "." + key, "a value or a list of them");
  }

  void OfTable(const Key& row, const Node& node, const std::string& where) const {
    switch (row.kind) {
      case Kind::kText:
      case Kind::kPath:
        Scalar(node, where, "one text");
        break;
      case Kind::kPaths:
        // `model` is a path, or a section that says more.
        if (node.kind == Node::Kind::kMap && row.name == "model") return Section(node, where);
        [[fallthrough]];
      case Kind::kTexts:
        Each(node, where, "a text or a list of them");
        break;
      case Kind::kWhole:
        Scalar(node, where, "an integer");
        if (!core::ParseInt(node.text)) Wrong(node, where, "an integer");
        break;
      case Kind::kReal:
        Scalar(node, where, "a number");
        if (!core::ParseReal(node.text)) Wrong(node, where, "a number");
        break;
      case Kind::kYesNo:
        Scalar(node, where, "true or false");
        if (!core::ParseBool(node.text)) Wrong(node, where, "true or false");
        break;
      case Kind::kOptions:
        Options(node, where);
        break;
      case Kind::kSwitched:
        if (node.kind == Node::Kind::kScalar) {
          if (!core::ParseBool(node.text)) Wrong(node, where, "a section, true or false");
          return;
        }
        return Section(node, where);
      case Kind::kSection:
        if (row.name == "baseline" && node.kind == Node::Kind::kList) {
          for (const Node& item : node.items) Section(item, where);
          return;
        }
        if (row.name == "baseline" && node.kind == Node::Kind::kScalar) {
          if (node.text != "none" && core::ParseBool(node.text).value_or(true))
            Wrong(node, where, "a section, a list of them, or none");
          return;
        }
        if (row.name == "baseline.options") return Map(node, where, "a map OPTION: VALUE");
        return Section(node, where);
    }
    if (row.choices.empty()) return;
    const auto known = core::Split(row.choices, '|');
    if (std::find(known.begin(), known.end(), node.text) == known.end())
      throw At(name_, node.line,
               fmt::format("{}: '{}' is not known{}; give {}", where, node.text, core::DidYouMean(node.text, known),
                           core::Join(known, " or ")));
  }

  void Options(const Node& node, const std::string& where) const {
    Map(node, where, "a map ENGINE.OPTION: VALUE");
    for (const auto& [key, value] : node.members) {
      const size_t dot = key.find('.');
      if (dot == std::string::npos || dot == 0 || dot + 1 == key.size())
        throw At(name_, value.line, fmt::format("{}: '{}' is no ENGINE.OPTION", where, key));
    }
  }

  void OfCommand(const CommandOption& option, const Node& node, const std::string& where) const {
    if (option.value.empty()) {
      Scalar(node, where, "true or false");
      if (!core::ParseBool(node.text)) Wrong(node, where, "true or false");
      return;
    }
    const auto type =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& each) { return each.placeholder == option.value; });
    const std::string_view wanted = type == kTypes.end() ? "a text" : type->words;
    if (option.repeatable || option.value.find(',') != std::string::npos) {
      Each(node, where, wanted);
    } else {
      Scalar(node, where, wanted);
    }
    if (type == kTypes.end()) return;
    for (const std::string& text : Texts(node)) {
      for (const std::string& part : core::Split(text, ',')) {
        if (!type->fits(part)) Wrong(node, where, type->words);
      }
    }
  }

  const std::string& name_;
  const OptionsOf& options_;
};

}  // namespace

std::vector<std::string> Texts(const Node& node) {
  if (node.kind == Node::Kind::kScalar) return {node.text};
  std::vector<std::string> texts;
  for (const Node& item : node.items) texts.push_back(item.text);
  return texts;
}

const CommandOption* OptionOfKey(std::string_view section, std::string_view key, const OptionsOf& options) {
  std::string name(key);
  if (name.find('-') != std::string::npos) return nullptr;
  std::replace(name.begin(), name.end(), '_', '-');
  for (const CommandSection& row : CommandSections()) {
    if (row.name != section || std::find(row.taken.begin(), row.taken.end(), name) != row.taken.end()) continue;
    const auto* all = options(row.command);
    if (!all) continue;
    const auto found = std::find_if(all->begin(), all->end(), [&](const auto& option) { return option.name == name; });
    if (found != all->end()) return &*found;
  }
  return nullptr;
}

void CheckKeys(const Node& document, const std::string& name, const OptionsOf& options) {
  Checker(name, options).Section(document, "");
}

}  // namespace bakeoff::campaign
