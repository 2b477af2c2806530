// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff engines`: which engines there are, what they can do, and why one is missing.
#include <fmt/format.h>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "core/text.h"
#include "worker/host/catalog.h"
#include "worker/info.h"

namespace bakeoff::cli {
namespace {

using worker::EngineEntryStatus;
using worker::EngineStatus;

constexpr OptionRow kOptions[] = {
    {"all", "", "", "Show the engines for testing as well; --json always has them."},
    {"options", "ENGINE", "", "Show the options of one engine: what -o ENGINE.NAME=VALUE takes."},
    kJsonOption,
};

Json ToJson(const EngineEntryStatus& entry) {
  Json row = {{"name", entry.name},
              {"status", worker::StatusName(entry.status)},
              {"reason", entry.reason.empty() ? Json() : Json(entry.reason)}};
  if (entry.status != EngineStatus::kPresent) {
    for (const char* field : {"version", "formats", "devices", "precisions"}) row[field] = nullptr;
    return row;
  }
  const Json info = worker::ToJson(entry.info);
  row["version"] = entry.info.version;
  row["formats"] = entry.info.reads;
  for (const char* field :
       {"devices", "precisions", "batch_changes_after_load", "max_requests", "note", "for_testing", "options"})
    row[field] = info[field];
  row["executable"] = entry.executable;
  return row;
}

Table EngineTable(const std::vector<EngineEntryStatus>& entries, bool all) {
  Table table{.columns = {{.title = "engine"},
                          {.title = "status"},
                          {.title = "version", .wrap = true},
                          {.title = "formats", .wrap = true},
                          {.title = "devices", .wrap = true},
                          {.title = "precisions", .wrap = true}}};
  for (const EngineEntryStatus& entry : entries) {
    if (entry.info.for_testing && !all) continue;
    const bool present = entry.status == EngineStatus::kPresent;
    table.rows.push_back({{entry.name, Style::kBold},
                          {std::string(worker::StatusName(entry.status)), present ? Style::kGood : Style::kBad},
                          entry.info.version,
                          core::Join(entry.info.reads, ", "),
                          present ? core::Join(entry.info.devices, ", ") : "",
                          present ? core::Join(entry.info.precisions, ", ") : ""});
  }
  return table;
}

// What does not fit a column: reasons and notes, and the engines left out of the table.
std::string Remarks(const std::vector<EngineEntryStatus>& entries, bool all, int width) {
  std::string text;
  std::vector<std::string> hidden;
  const auto remark = [&](const std::string& line) {
    text += core::Join(Wrap(line, static_cast<size_t>(width)), "\n  ") + '\n';
  };
  for (const EngineEntryStatus& entry : entries) {
    if (entry.info.for_testing && !all) {
      hidden.push_back(entry.name);
    } else if (!entry.reason.empty() || !entry.info.note.empty()) {
      remark(fmt::format("{}: {}", entry.name, entry.reason.empty() ? entry.info.note : entry.reason));
    }
  }
  if (!hidden.empty())
    remark(fmt::format("not shown, for testing only: {} (--all shows them)", core::Join(hidden, ", ")));
  return text.empty() ? "" : "\n" + text;
}

int ShowOptions(const Options& options, Console& console) {
  const EngineEntryStatus entry = worker::SelectEngines(options.Text("options")).front();
  WriteJson(options, console, {{"engine", entry.name}, {"options", worker::ToJson(entry.info)["options"]}});
  if (JsonTakesStdout(options)) return 0;
  if (entry.info.options.empty()) {
    console.Out(fmt::format("{} has no options.\n", entry.name));
    return 0;
  }
  Table table{.columns = {{.title = "option"},
                          {.title = "default", .wrap = true},
                          {.title = "values", .wrap = true},
                          {.title = "meaning", .wrap = true}}};
  for (const OptionSpec& option : entry.info.options) {
    table.rows.push_back({{entry.name + "." + option.name, Style::kBold},
                          option.default_value.empty() ? "(its own)" : option.default_value,
                          core::Join(core::Split(option.choices, '|'), ", "),
                          option.help});
  }
  console.Show(table);
  return 0;
}

int Run(const Options& options, Console& console) {
  if (options.Has("options")) return ShowOptions(options, console);
  const auto entries = worker::Engines();
  Json rows = Json::array();
  for (const EngineEntryStatus& entry : entries) rows.push_back(ToJson(entry));
  WriteJson(options, console, {{"schema", 1}, {"engines", rows}});
  if (JsonTakesStdout(options)) return 0;
  if (entries.empty()) {
    console.Out("no engines: there is no worker beside this program or on BAKEOFF_ENGINE_PATH; run: make build\n");
    return 0;
  }
  const bool all = options.Switch("all");
  console.Show(EngineTable(entries, all));
  console.Out(Remarks(entries, all, console.width()));
  return 0;
}

}  // namespace

const Command kEngines{
    .name = "engines",
    .summary = "Show which engines are present, what they can do, and why one is missing",
    .text = "Workers are found beside the program and in the folders of BAKEOFF_ENGINE_PATH, which come first.",
    .example = "bakeoff engines\nbakeoff engines --json engines.json",
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
