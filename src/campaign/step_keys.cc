// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Keys of steps.
#include "campaign/step_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "campaign/paths.h"
#include "core/sha256.h"
#include "measure/identity.h"

namespace bakeoff::campaign {

namespace fs = std::filesystem;

StepKeys::StepKeys(const Plan& plan, const std::string& version, Contents& contents)
    : plan_(plan), version_(version), contents_(contents), machine_(measure::MachineIdentity(measure::ReadMachine())) {}

void StepKeys::NotMade(const Step& step) {
  not_made_.insert(not_made_.end(), step.outputs.begin(), step.outputs.end());
}

bool StepKeys::IsThere(const fs::path& path) const {
  std::error_code error;
  return fs::exists(path, error) &&
         std::none_of(not_made_.begin(), not_made_.end(), [&](const fs::path& output) { return Within(path, output); });
}

std::vector<fs::path> StepKeys::Missing(const Step& step) const {
  std::vector<fs::path> missing;
  for (const fs::path& input : step.inputs) {
    if (!IsThere(input)) missing.push_back(input);
  }
  return missing;
}

std::vector<std::string> StepKeys::WordsOf(const Step& step) const {
  std::vector<std::string> words;
  for (const std::string& word : step.words) {
    const bool optional = std::find(step.optional.begin(), step.optional.end(), fs::path(word)) != step.optional.end();
    if (!optional || IsThere(word)) {
      words.push_back(word);
    } else if (words.back().starts_with("--")) {
      words.pop_back();
    }
  }
  return words;
}

std::string StepKeys::Of(const Step& step, const std::vector<std::string>& words) {
  Json inputs = Json::array();
  for (const fs::path& input : step.inputs) inputs.push_back({Label(step, input.string()), contents_.Of(input)});
  for (const fs::path& input : step.optional)
    inputs.push_back({Label(step, input.string()), IsThere(input) ? contents_.Of(input) : ""});
  Json labels = Json::array();
  for (const std::string& word : words) labels.push_back(Label(step, word));
  Json whole = {
      {"schema", 1}, {"tool", version_}, {"command", labels}, {"inputs", inputs}, {"versions", step.versions}};
  if (step.on_machine) whole["machine"] = machine_;
  return core::Sha256Hex(whole.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool StepKeys::OutputsAreThere(const Entry& entry) {
  return std::all_of(entry.outputs.begin(), entry.outputs.end(), [&](const auto& row) {
    const fs::path path = fs::path(row.first).is_absolute() ? fs::path(row.first) : plan_.folder / row.first;
    return contents_.Of(path) == row.second;
  });
}

// The folder may be moved, and so may what was given: names of files do not count where their contents do.
std::string StepKeys::Label(const Step& step, const std::string& word) const {
  // Only what the plan itself put below the folder, or a file, is a path: in the folder `.` any word could be one.
  const std::string folder = plan_.folder.string();
  if (word == folder || word.starts_with(folder.ends_with('/') ? folder : folder + "/"))
    return "@/" + fs::path(word).lexically_relative(plan_.folder).string();
  const auto given = std::find(step.inputs.begin(), step.inputs.end(), fs::path(word));
  if (given == step.inputs.end()) return word;
  if (Within(word, plan_.folder)) return "@/" + Whole(word).lexically_relative(Whole(plan_.folder)).string();
  return fmt::format("@{}", given - step.inputs.begin());
}

}  // namespace bakeoff::campaign
