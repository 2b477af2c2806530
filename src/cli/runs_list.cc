// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff runs list`: the campaigns of the store, or the runs of one.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/numbers.h"
#include "cli/output.h"
#include "cli/runs.h"
#include "core/text.h"
#include "measure/run.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {{"CAMPAIGN", "Number or name of a campaign: lists its runs.", 0, 1}};
constexpr OptionRow kOptions[] = {
    kStoreOption,
    {"engine", "NAME", "", "Runs of this engine only, of any campaign where none is named."},
    {"model", "NAME", "", "Runs of this network only."},
    {"status", "STATUS", "", "Runs with this status only: ok, failed, skipped, unsupported, mismatch, saturated."},
    {"last", "N", "50", "At most so many, the newest; 0: all."},
    kJsonOption,
};

// Names of a list in the campaign's facts.
std::string Names(const Json& facts, const char* what) {
  const auto found = facts.find(what);
  if (found == facts.end() || !found->is_array()) return "";
  return core::Join(found->get<std::vector<std::string>>(), " ");
}

void ListCampaigns(const store::Store& store, const Options& options, int64_t most, Console& console) {
  const auto campaigns = store.Campaigns(most);
  Json list = Json::array();
  Table table{.columns = {{.title = "id", .right = true},
                          {.title = "name"},
                          {.title = "begun (UTC)"},
                          {.title = "state"},
                          {.title = "runs", .right = true},
                          {.title = "ok", .right = true},
                          {.title = "models", .wrap = true},
                          {.title = "engines", .wrap = true}},
              .rows = {}};
  for (const store::Campaign& campaign : campaigns) {
    list.push_back(CampaignJson(campaign));
    table.rows.push_back(
        {Cell(std::to_string(campaign.id), Style::kBold), campaign.name, TimeText(campaign.created_at),
         std::string(StateName(campaign.state)), fmt::format("{}/{}", campaign.counts.all, campaign.planned),
         std::to_string(campaign.counts.ok), Names(campaign.facts, "models"), Names(campaign.facts, "engines")});
  }
  if (!JsonTakesStdout(options)) {
    if (campaigns.empty()) console.Out(fmt::format("{} has no campaigns\n", store.path()));
    if (!campaigns.empty()) console.Show(table);
  }
  WriteJson(options, console, {{"schema", 1}, {"store", store.path()}, {"campaigns", list}});
}

// What tells runs apart besides engine, repetition and result. What is the same in all stands above the table.
struct Trait {
  std::string_view title;
  std::string (*text)(const store::RunLine&);
  bool right, wrap;
};
constexpr std::array kTraits = {
    Trait{"campaign", [](const store::RunLine& line) { return std::to_string(line.campaign); }, true, false},
    Trait{"model", [](const store::RunLine& line) { return line.model; }, false, true},
    Trait{"scenario", [](const store::RunLine& line) { return line.scenario; }, false, true},
    Trait{"threads", [](const store::RunLine& line) { return std::to_string(line.threads); }, true, false},
    Trait{"batch", [](const store::RunLine& line) { return std::to_string(line.batch); }, true, false},
    Trait{"precision", [](const store::RunLine& line) { return line.precision; }, false, false},
};

void ShowRuns(const std::vector<store::RunLine>& lines, Console& console) {
  if (lines.empty()) {
    console.Out("no such runs\n");
    return;
  }
  Table table{.columns = {{.title = "run", .right = true}}, .rows = {}};
  std::vector<std::string> same;
  std::vector<const Trait*> traits;
  for (const Trait& trait : kTraits) {
    const std::string first = trait.text(lines.front());
    if (std::ranges::all_of(lines, [&](const auto& line) { return trait.text(line) == first; })) {
      same.push_back(fmt::format("{} {}", trait.title, first));
    } else {
      traits.push_back(&trait);
    }
  }
  std::optional<double> smallest;
  for (const store::RunLine& line : lines) {
    if (line.p50_ns) smallest = std::min(smallest.value_or(*line.p50_ns), *line.p50_ns);
  }
  const Unit unit = UnitFor(smallest.value_or(1e6));
  table.columns.push_back({.title = "engine", .wrap = true});
  for (const Trait* trait : traits)
    table.columns.push_back({.title = std::string(trait->title), .right = trait->right, .wrap = trait->wrap});
  table.columns.push_back({.title = "rep", .right = true});
  table.columns.push_back({.title = "status", .wrap = true});
  for (const std::string& title : {std::string("samples"), fmt::format("p50 {}", unit.name), std::string("1/s")})
    table.columns.push_back({.title = title, .right = true});
  for (const store::RunLine& line : lines) {
    std::vector<Cell> cells{{fmt::format("r{}", line.id), Style::kBold}, line.engine};
    for (const Trait* trait : traits) cells.emplace_back(trait->text(line));
    cells.emplace_back(std::to_string(line.repetition));
    cells.emplace_back(line.status, line.status == "ok" ? Style::kPlain : Style::kBad);
    cells.emplace_back(std::to_string(line.samples));
    cells.emplace_back(Number(Over(line.p50_ns, unit.ns)));
    cells.emplace_back(Rate(line.throughput_per_s));
    table.rows.push_back(std::move(cells));
  }
  console.Paragraph(core::Join(same, ", "));
  console.Show(table);
}

void ListRuns(const store::Store& store, const Options& options, const store::Filter& filter, Console& console) {
  Json list = Json::array();
  std::vector<store::RunLine> lines;
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  store.EachRun(filter, [&](const store::RunLine& line) {
    lines.push_back(line);
    list.push_back({{"id", line.id},
                    {"campaign", line.campaign},
                    {"row", line.row},
                    {"repetition", line.repetition},
                    {"started_at", line.started_at.empty() ? Json() : Json(line.started_at)},
                    {"model", line.model},
                    {"engine", line.engine},
                    {"scenario", line.scenario},
                    {"threads", line.threads},
                    {"batch", line.batch},
                    {"precision", line.precision},
                    {"status", line.status},
                    {"samples", line.samples},
                    {"p50_ns", number(line.p50_ns)},
                    {"throughput_per_s", number(line.throughput_per_s)}});
  });
  if (!JsonTakesStdout(options)) ShowRuns(lines, console);
  WriteJson(options, console, {{"schema", 1}, {"store", store.path()}, {"runs", list}});
}

std::vector<std::string> StatusNames() {
  std::vector<std::string> names;
  for (const measure::RunStatus status : measure::kRunStatuses) names.emplace_back(measure::StatusName(status));
  return names;
}

int Run(const Options& options, Console& console) {
  const store::Store store = ReadStore(options);
  store::Filter filter{.engine = options.Text("engine"),
                       .model = options.Text("model"),
                       .status = options.Text("status"),
                       .most = options.Int("last", 0, int64_t{1} << 40)};
  if (options.Has("status")) core::NeedOneOf("--status", filter.status, StatusNames());
  if (options.Has("engine")) core::NeedOneOf("--engine", filter.engine, store.EnginesOfRuns());
  if (options.Has("model")) core::NeedOneOf("--model", filter.model, store.ModelsOfRuns());
  const bool filtered = options.Has("engine") || options.Has("model") || options.Has("status");
  if (!options.Positional().empty()) {
    filter.campaign = store.Find(options.Positional()[0]).id;
    if (!options.Has("last")) filter.most = 0;
  }
  if (filter.campaign || filtered) {
    ListRuns(store, options, filter, console);
  } else {
    ListCampaigns(store, options, filter.most, console);
  }
  return 0;
}

}  // namespace

const Command kRunsList{
    .name = "runs list",
    .summary = "List the campaigns of the store, or the runs of one",
    .text = "A campaign is one call of `bench`, with all that it measured.",
    .example =
        "bakeoff runs list\n"
        "bakeoff runs list 12 --status failed\n"
        "bakeoff runs list --engine a --last 20",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
