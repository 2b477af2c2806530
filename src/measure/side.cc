// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Records from the store and from files.
#include "measure/side.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/text.h"
#include "measure/machine.h"
#include "measure/record.h"

namespace bakeoff::measure {
namespace {

constexpr size_t kMostText = size_t{1} << 30;

Side Empty(std::string label, const store::Campaign& campaign) {
  return {.label = std::move(label),
          .campaign = campaign.id,
          .machine = campaign.facts.value("machine", Json()),
          .environment = campaign.facts.value("environment", Json()),
          .records = {},
          .notes = {}};
}

bool IsRecord(const Json& json) {
  return json.is_object() && json.contains("engine") && json["engine"].is_string() && json.contains("status") &&
         json["status"].is_string();
}

Error NoRecords(const std::filesystem::path& path, const std::string& where) {
  return {ErrorCode::kUsage,
          fmt::format("{}{}: holds no runs; give a file of `bench --json FILE`, `runs show --json FILE` or "
                      "`runs export --out FILE`",
                      path.string(), where)};
}

void Take(const std::filesystem::path& path, const Json& record, const std::string& where, Side& side) {
  if (!IsRecord(record)) throw NoRecords(path, where);
  side.records.push_back(record);
}

// Takes what AddPlace() put there out of the last record: the first machine, and the worst grade.
void TakePlace(Side& side) {
  Json& record = side.records.back();
  Json machine = record.value("machine", Json()), environment = record.value("environment", Json());
  record.erase("machine");
  record.erase("environment");
  const bool first = side.records.size() == 1;
  if (first) side.machine = machine;
  for (const std::string_view fact : kMachineFacts) {
    if (At(machine, fact) == At(side.machine, fact)) continue;
    const std::string note = "its runs were measured on several machines, of which the first one's facts are told";
    if (side.notes.empty()) side.notes.push_back(note);
  }
  // '?', of what has no grade, comes before 'A'.
  if (first || EnvironmentFrom(environment).grade > EnvironmentFrom(side.environment).grade)
    side.environment = std::move(environment);
}

}  // namespace

void AddPlace(const store::Campaign& campaign, Json& record) {
  record["machine"] = campaign.facts.value("machine", Json());
  if (record["machine"].is_object()) record["machine"].erase("instruction_flags");
  record["environment"] = campaign.facts.value("environment", Json());
}

Side SideOfCampaign(const store::Store& store, const std::string& name_or_id) {
  const store::Campaign campaign = store.Find(name_or_id);
  Side side = Empty(name_or_id, campaign);
  store.EachRun({.campaign = campaign.id},
                [&](const store::RunLine& line) { side.records.push_back(store.Record(line.id)); });
  return side;
}

Side SideOfRun(const store::Store& store, int64_t run) {
  const store::RunLine wanted = store.FindRun(run);
  Side side = Empty(fmt::format("r{}", run), store.Find(wanted.campaign));
  store.EachRun({.campaign = wanted.campaign}, [&](const store::RunLine& line) {
    if (line.row == wanted.row) side.records.push_back(store.Record(line.id));
  });
  return side;
}

Side SideOfFile(const std::filesystem::path& path) {
  const std::string text = core::ReadFile(path, kMostText);
  Side side{.label = path.string(), .campaign = 0, .machine = {}, .environment = {}, .records = {}, .notes = {}};
  Json whole = Json::parse(text, nullptr, false);
  if (whole.is_object() && whole.contains("runs") && whole["runs"].is_array()) {
    for (const Json& record : whole["runs"])
      Take(path, record, fmt::format(" (run {})", side.records.size() + 1), side);
    side.machine = whole.value("machine", Json());
    side.environment = whole.value("environment", Json());
  } else {
    size_t number = 0;
    for (const std::string& line : core::Split(text, '\n')) {
      ++number;
      if (line.empty()) continue;
      Take(path, Json::parse(line, nullptr, false), fmt::format(" (line {})", number), side);
      side.records.back().erase("samples_ns");
      TakePlace(side);
    }
  }
  if (side.records.empty()) throw NoRecords(path, "");
  return side;
}

}  // namespace bakeoff::measure
