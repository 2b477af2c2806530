// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff runs list`: the campaigns of the store, or the runs of one.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/runs.h"
#include "core/text.h"

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

void ListRuns(const store::Store& store, const Options& options, const store::Filter& filter, Console& console) {
  Json list = Json::array();
  Table table{.columns = {{.title = "run", .right = true},
                          {.title = "of", .right = true},
                          {.title = "model"},
                          {.title = "engine"},
                          {.title = "scenario"},
                          {.title = "threads", .right = true},
                          {.title = "batch", .right = true},
                          {.title = "rep", .right = true},
                          {.title = "status"},
                          {.title = "samples", .right = true},
                          {.title = "p50 ms", .right = true},
                          {.title = "1/s", .right = true}},
              .rows = {}};
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  store.EachRun(filter, [&](const store::RunLine& line) {
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
    table.rows.push_back({Cell(fmt::format("r{}", line.id), Style::kBold), std::to_string(line.campaign), line.model,
                          line.engine, line.scenario, std::to_string(line.threads), std::to_string(line.batch),
                          std::to_string(line.repetition),
                          Cell(line.status, line.status == "ok" ? Style::kPlain : Style::kBad),
                          std::to_string(line.samples), line.p50_ns ? fmt::format("{:.4g}", *line.p50_ns / 1e6) : "-",
                          line.throughput_per_s ? fmt::format("{:.4g}", *line.throughput_per_s) : "-"});
  });
  if (!JsonTakesStdout(options)) {
    if (table.rows.empty()) console.Out("no such runs\n");
    if (!table.rows.empty()) console.Show(table);
  }
  WriteJson(options, console, {{"schema", 1}, {"store", store.path()}, {"runs", list}});
}

int Run(const Options& options, Console& console) {
  const store::Store store = ReadStore(options);
  store::Filter filter{.engine = options.Text("engine"),
                       .model = options.Text("model"),
                       .status = options.Text("status"),
                       .most = options.Int("last", 0, int64_t{1} << 40)};
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
