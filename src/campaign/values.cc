// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the commands say to the values of their steps, in the words of the file.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "campaign/check.h"
#include "campaign/plan.h"

namespace bakeoff::campaign {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz-";

// Where `step` has its keys: "measure.offline".
std::string SectionOf(const Step& step) {
  if (!step.role.empty()) return step.role == "latency" ? "measure" : "measure." + step.role;
  return step.name == "split" ? "data.split" : step.stage;
}

// Options that a step has from other sections than its own. A model is trained again by the campaign's own option.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kOfOthers = {{{"classes", "model.classes"},
                                                                                     {"preprocess", "model.preprocess"},
                                                                                     {"output", "model.output"},
                                                                                     {"layout", "model.layout"},
                                                                                     {"shape", "model.shape"},
                                                                                     {"range", "model.range"},
                                                                                     {"data", "data"},
                                                                                     {"fresh", "--from train"}}};

// Commands that are quoted are to be typed as they are.
bool InCommand(std::string_view text, size_t at) {
  const size_t open = text.rfind('`', at);
  if (open == std::string_view::npos || std::count(text.begin(), text.begin() + static_cast<long>(at), '`') % 2 == 0)
    return false;
  return text.substr(open + 1).starts_with("bakeoff ");
}

// A converted model that lies there already may be of another model than the file has now.
bool UsesConverted(const Plan& plan, const Step& step) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& other) {
    return other.stage == "convert" &&
           std::any_of(step.inputs.begin(), step.inputs.end(), [&](const std::filesystem::path& input) {
             return std::find(other.outputs.begin(), other.outputs.end(), input) != other.outputs.end();
           });
  });
}

Error InFile(const Spec& spec, const Surroundings& around, const Step& step, const Error& error) {
  int line = 0;
  std::string text = InWordsOfTheFile(around.options, step, error.text(), &line);
  if (line == 0) text = fmt::format("{}: {}", step.title, text);
  return At(spec.file, line == 0 ? step.line : line, text, error.code());
}

}  // namespace

std::string InWordsOfTheFile(const OptionsOf& options, const Step& step, const std::string& from, int* line) {
  const std::string section = SectionOf(step);
  std::string text;
  for (size_t at = 0; at < from.size();) {
    const size_t dashes = from.find("--", at);
    text += from.substr(at, dashes - at);
    if (dashes == std::string::npos) break;
    const size_t end = std::min(from.find_first_not_of(kLetters, dashes + 2), from.size());
    const std::string option = from.substr(dashes + 2, end - dashes - 2);
    at = end;
    std::string key = option;
    std::replace(key.begin(), key.end(), '-', '_');
    const auto other =
        std::find_if(kOfOthers.begin(), kOfOthers.end(), [&](const auto& row) { return row.first == option; });
    const bool said = !InCommand(from, dashes);  // not part of a command that is shown as it is called
    const Given* given = said ? Find(step.given, option) : nullptr;
    if (given) {
      if (line && *line == 0) *line = given->line;
      text += given->key;
    } else if (said && OptionOfKey(section, key, options)) {
      text += fmt::format("{}.{}", section, key);
    } else if (said && other != kOfOthers.end()) {
      text += other->second;
    } else {
      text += from.substr(dashes, end - dashes);
    }
  }
  return text;
}

void CheckValues(const Spec& spec, const Surroundings& around, const Plan& plan) {
  if (!around.check) return;
  for (const Step& step : plan.steps) {
    if (!step.of.empty() || !step.skip.empty()) continue;
    // What a step before this one makes is not there yet, or is that of an earlier file.
    std::vector<std::string> words;
    for (const std::string& word : step.words) {
      if (std::find(step.optional.begin(), step.optional.end(), std::filesystem::path(word)) == step.optional.end()) {
        words.push_back(word);
      } else if (words.back().starts_with("--")) {
        words.pop_back();
      }
    }
    try {
      around.check(words, !spec.train && !UsesConverted(plan, step));
    } catch (const Error& error) {
      throw InFile(spec, around, step, error);
    }
  }
}

}  // namespace bakeoff::campaign
