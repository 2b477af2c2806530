// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the commands say to the values of their steps, in the words of the file.
#include <fmt/format.h>

#include <algorithm>

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

// "--threads 0: ..." as "measure.threads 0: ..."; the line is that of the first key that the file has.
Error InWordsOfTheFile(const Spec& spec, const Surroundings& around, const Step& step, const Error& error) {
  const std::string& from = error.text();
  std::string text;
  int line = 0;
  for (size_t at = 0; at < from.size();) {
    const size_t dashes = from.find("--", at);
    text += from.substr(at, dashes - at);
    if (dashes == std::string::npos) break;
    const size_t end = std::min(from.find_first_not_of(kLetters, dashes + 2), from.size());
    const std::string option = from.substr(dashes + 2, end - dashes - 2);
    at = end;
    std::string key = option;
    std::replace(key.begin(), key.end(), '-', '_');
    const std::string section = SectionOf(step);
    if (const Given* given = Find(step.given, option)) {
      if (line == 0) line = given->line;
      text += given->key;
    } else if (OptionOfKey(section, key, around.options)) {
      text += fmt::format("{}.{}", section, key);
    } else {
      text += from.substr(dashes, end - dashes);
    }
  }
  if (line == 0) text = fmt::format("{}: {}", step.title, text);
  return At(spec.file, line == 0 ? step.line : line, text, error.code());
}

}  // namespace

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
      around.check(words, !spec.train);
    } catch (const Error& error) {
      throw InWordsOfTheFile(spec, around, step, error);
    }
  }
}

}  // namespace bakeoff::campaign
