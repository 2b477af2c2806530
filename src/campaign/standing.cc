// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Steps compared with what an earlier call left.
#include "campaign/standing.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "campaign/measured.h"
#include "campaign/paths.h"
#include "core/files.h"
#include "core/text.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;

size_t StageIndex(std::string_view stage) {
  return static_cast<size_t>(std::find(kStages.begin(), kStages.end(), stage) - kStages.begin());
}

// Whether what one makes is an input of the other.
bool Feeds(const Step& one, const Step& other) {
  if (other.stage == "report") return true;
  for (const fs::path& output : one.outputs) {
    for (const auto* list : {&other.inputs, &other.optional}) {
      if (std::any_of(list->begin(), list->end(),
                      [&](const fs::path& input) { return Within(input, output) || Within(output, input); }))
        return true;
    }
  }
  return false;
}

// Whether an attempt was cut short that can go on.
bool BrokenOff(const Entry& entry, const std::string& key) {
  return entry.status == StepStatus::kRunning && entry.key == key && !key.empty();
}

}  // namespace

Standing::Standing(const Plan& plan, const Request& request, std::function<void(const std::string&)> note,
                   std::optional<State> before)
    : plan_(plan),
      request_(request),
      before_(std::move(before)),
      contents_(before_ ? before_->contents : Json()),
      keys_(plan, request.version, contents_),
      files_(plan.folder, std::move(note)) {
  CheckStages();
}

void Standing::CheckStages() const {
  std::vector<std::string> known(kStages.begin(), kStages.end());
  for (const auto& [option, stage] : {std::pair{"--from", request_.from}, {"--only", request_.only}}) {
    if (stage.empty()) continue;
    core::NeedOneOf(option, stage, known);
    if (std::none_of(plan_.steps.begin(), plan_.steps.end(), [&](const Step& step) { return step.stage == stage; }))
      throw Error(ErrorCode::kUsage, fmt::format("{} {}: this campaign has no such stage", option, stage));
  }
}

bool Standing::Wanted(const Step& step) const {
  return request_.only.empty() || step.stage == request_.only;
}

bool Standing::Forced(const Step& step) const {
  return !request_.from.empty() && StageIndex(step.stage) >= StageIndex(request_.from);
}

// The last time that it was done.
const Entry* Standing::LastDone(std::string_view step) {
  const Entry* earlier = Find(step);
  return !earlier || earlier->done() ? earlier : earlier->kept.get();
}

double Standing::SecondsOf(const Step& step) {
  const Entry* done = LastDone(step.name);
  return done && done->wall_ns ? static_cast<double>(*done->wall_ns) / 1e9 : step.seconds;
}

bool Standing::Current(const Step& step) {
  const Entry* done = LastDone(step.name);
  if (!done || !step.skip.empty() || !keys_.Missing(step).empty()) return false;
  if (step.stage == "report" && changed_) return false;
  const bool kept = done != Find(step.name);
  if (!ResultTrouble(step).empty()) return false;
  if (!step.role.empty() && !(done->campaign && StoreHas(StoreOf(plan_.folder), *done->campaign))) return false;
  const std::string key = keys_.Of(step, keys_.WordsOf(step));
  if (kept && BrokenOff(*Find(step.name), key)) return false;
  return done->key == key && keys_.OutputsAreThere(*done);
}

std::string Standing::ResultTrouble(const Step& step) {
  const Entry* done = LastDone(step.name);
  if (!done || step.json.empty()) return "";
  const fs::path aside = done != Find(step.name) ? files_.ResultAside(step) : "";
  const fs::path file = aside.empty() ? fs::path(step.json) : aside;
  std::error_code error;
  if (!fs::exists(file, error)) return fmt::format("{} is gone", file.string());
  return IsJson(file) ? "" : fmt::format("{} is no JSON any more", file.string());
}

// Looked through without being built: results with their samples are large, and a call asks several times.
bool Standing::IsJson(const fs::path& file) {
  std::error_code error;
  const std::string stamp =
      fmt::format("{} {}", fs::file_size(file, error), fs::last_write_time(file, error).time_since_epoch().count());
  auto& [known, is_json] = is_json_[file.string()];
  if (known == stamp) return is_json;
  known = stamp;
  try {
    is_json = Json::accept(core::ReadFile(file));
  } catch (const Error&) {
    is_json = false;
  }
  return is_json;
}

Preview Standing::Look() {
  for (const Step& step : plan_.steps) NeedBefore(step);
  Preview preview;
  std::vector<const Step*> to_do;
  for (const Step& step : plan_.steps) {
    const bool compares = !step.of.empty();
    const bool waits = std::any_of(to_do.begin(), to_do.end(), [&](const Step* other) { return Feeds(*other, step); });
    const bool done =
        !Wanted(step) || (compares ? ResultTrouble(step).empty() : !waits && !Forced(step) && Current(step));
    preview.done.push_back(done);
    preview.step_seconds.push_back(done || !step.skip.empty() ? 0 : SecondsOf(step));
    if (done || !step.skip.empty()) continue;
    to_do.push_back(&step);
    preview.seconds += preview.step_seconds.back();
    preview.bytes += step.bytes;
  }
  return preview;
}

// With --only, a step before the stage must be what the file says.
void Standing::NeedBefore(const Step& step) {
  // A report is of what there is, failures included.
  if (Wanted(step) || StageIndex(step.stage) > StageIndex(request_.only) || request_.only == "report") return;
  if (!step.of.empty() || !FeedsWanted(step) || Current(step)) return;
  const std::string trouble = ResultTrouble(step);
  const std::string why =
      trouble.empty() ? fmt::format(
                            "the step {} before it is not done, or the campaign file or what it uses has "
                            "changed since",
                            step.name)
                      : fmt::format("the step {} before it has to be done again, because {}", step.name, trouble);
  throw Error(ErrorCode::kUsage, fmt::format("--only {}: {}; run it first: leave --only out, or give --only {}",
                                             request_.only, why, step.stage));
}

bool Standing::FeedsWanted(const Step& step) const {
  return std::any_of(plan_.steps.begin(), plan_.steps.end(),
                     [&](const Step& other) { return Wanted(other) && Feeds(step, other); });
}

void Standing::Recover() {
  for (const Step& step : plan_.steps) {
    Entry* entry = Find(step.name);
    if (!entry || !entry->kept || !files_.Aside(step)) continue;
    if (keys_.Missing(step).empty() && BrokenOff(*entry, keys_.Of(step, keys_.WordsOf(step)))) continue;
    const std::string key = std::exchange(entry->key, "");
    if (entry->status == StepStatus::kRunning) entry->status = StepStatus::kPending;
    WriteState(plan_.folder, *before_);
    files_.PutBack(step, key);
  }
}

}  // namespace bakeoff::campaign
