// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// campaign.json out and in.
#include "campaign/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error_json.h"
#include "core/files.h"
#include "core/text.h"
#include "core/utc_time.h"

namespace bakeoff::campaign {
namespace {

constexpr int kSchema = 1;
constexpr std::array<std::string_view, 6> kNames = {"pending", "running", "ok", "failed", "skipped", "reused"};

StepStatus StatusOf(const std::string& name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  return found == kNames.end() ? StepStatus::kPending : static_cast<StepStatus>(found - kNames.begin());
}

template <typename T>
Json Maybe(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
Json TextOrNull(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

std::string Text(const Json& json, const char* field) {
  const auto found = json.find(field);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}
template <typename T>
std::optional<T> Number(const Json& json, const char* field) {
  const auto found = json.find(field);
  return found != json.end() && found->is_number_integer() ? std::optional(found->get<T>()) : std::nullopt;
}

Json ToJson(const Entry& entry) {
  Json command = Json::array({"bakeoff"});
  for (const std::string& word : entry.words) command.push_back(word);
  return {{"name", entry.name},
          {"stage", entry.stage},
          {"title", entry.title},
          {"command", command},
          {"status", StatusName(entry.status)},
          {"before", StatusName(entry.before)},
          {"started_at", TextOrNull(entry.started_at)},
          {"wall_ns", Maybe(entry.wall_ns)},
          {"exit_code", Maybe(entry.exit_code)},
          {"error", core::ErrorJson(entry.error)},
          {"came_out", TextOrNull(entry.came_out)},
          {"rows", TextOrNull(entry.rows)},
          {"json", TextOrNull(entry.json)},
          {"log", TextOrNull(entry.log)},
          {"key", TextOrNull(entry.key)},
          {"role", TextOrNull(entry.role)},
          {"campaign", Maybe(entry.campaign)},
          {"earlier", entry.earlier},
          {"store_name", TextOrNull(entry.store_name)},
          {"fresh", entry.fresh},
          {"models", TextOrNull(entry.models)},
          {"model_changed", entry.model_changed},
          {"outputs", entry.outputs},
          {"kept", entry.kept ? ToJson(*entry.kept) : Json()}};
}

Entry EntryFrom(const Json& json) {
  Entry entry{.name = Text(json, "name"),
              .stage = Text(json, "stage"),
              .title = Text(json, "title"),
              .role = Text(json, "role"),
              .status = StatusOf(Text(json, "status")),
              .started_at = Text(json, "started_at"),
              .wall_ns = Number<int64_t>(json, "wall_ns"),
              .exit_code = Number<int>(json, "exit_code"),
              .json = Text(json, "json"),
              .log = Text(json, "log"),
              .key = Text(json, "key"),
              .came_out = Text(json, "came_out"),
              .rows = Text(json, "rows"),
              .campaign = Number<int64_t>(json, "campaign"),
              .store_name = Text(json, "store_name"),
              .fresh = json.value("fresh", false),
              .models = Text(json, "models"),
              .model_changed = json.value("model_changed", false)};
  // A call that was killed had not come to these.
  if (entry.status == StepStatus::kPending) entry.status = StatusOf(Text(json, "before"));
  entry.words = json.at("command").get<std::vector<std::string>>();
  if (!entry.words.empty()) entry.words.erase(entry.words.begin());
  if (const Json& error = json.at("error"); error.is_object())
    entry.error.emplace(CodeFromName(Text(error, "code")), Text(error, "text"));
  entry.earlier = json.value("earlier", std::vector<int64_t>());
  entry.outputs = json.value("outputs", std::map<std::string, std::string>());
  if (const Json kept = json.value("kept", Json()); kept.is_object())
    entry.kept = std::make_shared<const Entry>(EntryFrom(kept));
  return entry;
}

Entry* FindIn(std::vector<Entry>& entries, std::string_view step) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.name == step; });
  return found == entries.end() ? nullptr : &*found;
}

Json ToJson(const std::optional<Baseline>& baseline) {
  if (!baseline) return nullptr;
  return {{"engine", baseline->engine}, {"options", baseline->options}, {"label", baseline->label}};
}

}  // namespace

std::string_view StatusName(StepStatus status) {
  return kNames.at(static_cast<size_t>(status));
}

Entry* State::Find(std::string_view step) {
  return FindIn(steps, step);
}

Entry* State::FindAnywhere(std::string_view step) {
  Entry* found = FindIn(steps, step);
  return found ? found : FindIn(not_planned, step);
}

std::filesystem::path StateFile(const std::filesystem::path& folder) {
  return folder / "campaign.json";
}

Json ToJson(const State& state) {
  Json steps = Json::array(), not_planned = Json::array();
  for (const Entry& entry : state.steps) steps.push_back(ToJson(entry));
  for (const Entry& entry : state.not_planned) not_planned.push_back(ToJson(entry));
  return {{"schema", kSchema},
          {"name", state.name},
          {"title", TextOrNull(state.title)},
          {"status", state.status},
          {"created_at", state.created_at},
          {"updated_at", core::UtcNow()},
          {"wall_ns", state.wall_ns},
          {"host_overhead_ns", state.host_overhead_ns},
          {"tool", {{"version", state.version}, {"revision", TextOrNull(state.revision)}}},
          {"baseline", ToJson(state.baseline)},
          {"no_baseline", TextOrNull(state.no_baseline)},
          {"steps", steps},
          {"not_planned", not_planned},
          {"previous", state.previous},
          {"warnings", state.warnings},
          {"contents", state.contents}};
}

void WriteState(const std::filesystem::path& folder, const State& state) {
  core::WriteFileAtomically(StateFile(folder),
                            ToJson(state).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::optional<State> ReadState(const std::filesystem::path& folder) {
  const auto file = StateFile(folder);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  // What was measured does not depend on it, and nobody should lose that.
  const auto refuse = [&](const char* why) {
    std::string text = fmt::format("{}: {}; give another folder with --out, which begins anew", file.string(), why);
    const auto store = folder / "results.db";
    if (std::filesystem::exists(store, error)) {
      const std::string word = core::ShellWord(store.string());
      text += fmt::format(
          ". Keep this one: what was measured is still in {} (bakeoff runs list --store {} tells its "
          "numbers, bakeoff report NUMBER --store {} shows it)",
          store.string(), word, word);
    }
    return Error(ErrorCode::kUnavailable, text);
  };
  const Json json = Json::parse(core::ReadFile(file), nullptr, false);
  if (!json.is_object() || !json.contains("steps")) throw refuse("is no state of a campaign");
  if (json.value("schema", 0) != kSchema) throw refuse("was written by another version of the tool");
  try {
    State state{.name = Text(json, "name"),
                .title = Text(json, "title"),
                .created_at = Text(json, "created_at"),
                .status = Text(json, "status"),
                .wall_ns = json.value("wall_ns", int64_t{0}),
                .host_overhead_ns = json.value("host_overhead_ns", int64_t{0}),
                .previous = json.value("previous", Json()),
                .contents = json.value("contents", Json())};
    for (const Json& step : json.at("steps")) state.steps.push_back(EntryFrom(step));
    for (const Json& step : json.value("not_planned", Json::array())) state.not_planned.push_back(EntryFrom(step));
    return state;
  } catch (const Json::exception&) {
    throw refuse("is damaged");
  }
}

}  // namespace bakeoff::campaign
