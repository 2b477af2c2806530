// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads campaign.json, what the steps wrote, and the records of the store.
#include "report/source.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/text.h"
#include "measure/record.h"

namespace bakeoff::report {
namespace {

namespace fs = std::filesystem;
using measure::At;
using measure::TextAt;
using measure::WholeAt;

constexpr size_t kMostState = size_t{64} << 20;

std::vector<std::string> WordsAt(const Json& json, std::string_view field) {
  std::vector<std::string> words;
  if (const Json& found = At(json, field); found.is_array()) {
    for (const Json& word : found) {
      if (word.is_string()) words.push_back(word.get<std::string>());
    }
  }
  return words;
}

// The folder of the store that a command names.
fs::path FolderIn(const std::vector<std::string>& command) {
  const auto option = std::find(command.begin(), command.end(), "--store");
  if (option == command.end() || std::next(option) == command.end()) return {};
  return fs::path(*std::next(option)).lexically_normal().parent_path();
}

// Null, with a note, for what cannot be read as JSON.
Json ReadJson(const fs::path& folder, const std::string& file, std::vector<std::string>& notes) {
  // The state of a campaign must not name files elsewhere.
  const fs::path path(file);
  if (path.is_absolute() || std::find(path.begin(), path.end(), fs::path("..")) != path.end()) {
    notes.push_back(fmt::format("campaign.json names the file {}, which is not in its folder: left out", file));
    return {};
  }
  try {
    Json json = Json::parse(core::ReadFile(folder / path, kMostState), nullptr, false);
    if (!json.is_discarded()) return json;
    notes.push_back(fmt::format("{} is no JSON: what it would tell is left out", file));
  } catch (const Error& error) {
    notes.push_back(fmt::format("{}: what it would tell is left out", error.text()));
  }
  return {};
}

// `with_kept`: also the success before it. That has none itself, however deep a file may nest.
Step StepFrom(const Json& json, bool with_kept = true) {
  const Json& kept = At(json, "kept");
  return {.name = TextAt(json, "name"),
          .stage = TextAt(json, "stage"),
          .title = TextAt(json, "title"),
          .status = TextAt(json, "status"),
          .started_at = TextAt(json, "started_at"),
          .error = TextAt(json, "error.text"),
          .role = TextAt(json, "role"),
          .command = WordsAt(json, "command"),
          .wall_ns = WholeAt(json, "wall_ns"),
          .campaign = WholeAt(json, "campaign"),
          .file = TextAt(json, "json"),
          .json = {},
          .kept = with_kept && kept.is_object() ? std::make_shared<const Step>(StepFrom(kept, false)) : nullptr};
}

// What a campaign of the store was for, where no step says it: its command line does.
std::string RoleOf(const store::Campaign& campaign) {
  const auto command = WordsAt(campaign.facts, "command");
  const auto has = [&](std::string_view word) {
    return std::find(command.begin(), command.end(), word) != command.end();
  };
  return has("--ablate") ? "ablate" : "";
}

void ReadRuns(const store::Store& store, const store::Campaign& campaign, const std::string& role, Source& source) {
  source.campaigns.push_back(campaign);
  store.EachRun({.campaign = campaign.id}, [&](const store::RunLine& line) {
    Json record = store.Record(line.id);
    if (!record.is_object()) return;
    source.runs.push_back({line.id, campaign.id, line.row, role, std::move(record)});
  });
}

}  // namespace

const Step& Step::shown() const {
  // A measurement that failed half-way may have rows of its own.
  return kept && status != "ok" && status != "reused" && campaign == kept->campaign ? *kept : *this;
}

std::optional<fs::path> StoreOfFolder(const fs::path& folder) {
  std::error_code error;
  const fs::path path = folder / "results.db";
  return fs::is_regular_file(path, error) ? std::optional(path) : std::nullopt;
}

Source SourceOfFolder(const fs::path& folder) {
  Source source;
  source.folder = folder;
  const fs::path state = folder / "campaign.json";
  source.campaign = Json::parse(core::ReadFile(state, kMostState), nullptr, false);
  if (!source.campaign.is_object() || !At(source.campaign, "steps").is_array())
    throw Error(ErrorCode::kUsage,
                fmt::format("{}: this is no campaign's state (an object with `steps`); `bakeoff run` writes one",
                            state.string()));
  source.name = TextAt(source.campaign, "name");
  source.title = TextAt(source.campaign, "title");
  for (const Json& json : source.campaign["steps"]) {
    Step step = StepFrom(json);
    // Of a step that did not end, a file is an earlier attempt's. One that failed may have written none: its own reason
    // is enough.
    std::error_code error;
    if (!step.file.empty() && (step.status == "ok" || step.status == "reused" ||
                               (step.status == "failed" && fs::exists(folder / step.file, error))))
      step.json = ReadJson(folder, step.file, source.notes);
    if (source.called.empty()) source.called = FolderIn(step.command);
    source.steps.push_back(std::move(step));
  }
  source.changes_file = TextAt(source.campaign, "previous.json");
  if (const Json& compared = At(source.campaign, "previous.steps"); compared.is_array()) {
    for (const Json& row : compared) {
      if (TextAt(row, "json") == source.changes_file)
        source.model_changed = row.is_object() && row.value("model_changed", Json()) == true;
    }
  }
  if (!source.changes_file.empty()) source.changes = ReadJson(folder, source.changes_file, source.notes);
  const auto path = StoreOfFolder(folder);
  if (!path) {
    source.notes.emplace_back("there is no results.db in the folder: nothing was measured yet");
    return source;
  }
  const store::Store store = store::OpenOfCampaign(*path);
  for (const Step& step : source.steps) {
    if (!step.campaign) continue;
    try {
      ReadRuns(store, store.Find(*step.campaign), step.role, source);
    } catch (const Error& error) {
      source.notes.push_back(error.text());
    }
  }
  return source;
}

Source SourceOfStore(const store::Store& store, const std::vector<std::string>& names) {
  Source source;
  std::vector<std::string> labels;
  for (const std::string& name : names) {
    const store::Campaign campaign = store.Find(name);
    if (std::any_of(source.campaigns.begin(), source.campaigns.end(),
                    [&](const store::Campaign& other) { return other.id == campaign.id; }))
      continue;
    labels.push_back(campaign.name.empty() ? fmt::format("campaign {}", campaign.id) : campaign.name);
    ReadRuns(store, campaign, RoleOf(campaign), source);
    if (campaign.state != store::CampaignState::kDone)
      source.notes.push_back(fmt::format(
          "{} is not finished: it has {} of {} runs; `bakeoff bench ... --resume` with the same words goes on",
          labels.back(), campaign.counts.all, campaign.planned));
  }
  source.name = core::Join(labels, ", ");
  return source;
}

}  // namespace bakeoff::report
