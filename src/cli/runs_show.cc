// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff runs show`: a campaign as `bench` showed it, or every field of a run.
#include <fmt/format.h>

#include "cli/bench.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/runs.h"
#include "measure/fields.h"
#include "measure/record.h"
#include "measure/recording.h"
#include "measure/side.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {
    {"CAMPAIGN|rRUN", "Number or name of a campaign, or r and the number of a run: r34."}};
constexpr OptionRow kOptions[] = {
    kStoreOption,
    kJsonOption,
    {"markdown", "[FILE]", "", "Write a campaign's table as Markdown to FILE, or to stdout instead of the table."},
};

std::string Plain(const measure::Field& field, const Json& value) {
  if (value.is_null()) return "-";
  if (field.text) return field.text(value);
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void ShowRun(const store::Store& store, int64_t id, const Options& options, Console& console) {
  const store::RunLine line = store.FindRun(id);
  const store::Campaign campaign = store.Find(line.campaign);
  Json record = store.Record(id);
  measure::AddPlace(campaign, record);
  WriteJson(options, console, record);
  if (JsonTakesStdout(options)) return;
  console.Paragraph(fmt::format("run r{} of campaign {}", id, line.campaign));
  Table table{.columns = {{.title = "field"}, {.title = "unit"}, {.title = "value", .wrap = true}}, .rows = {}};
  for (const measure::Field& field : measure::Fields()) {
    table.rows.push_back(
        {std::string(field.name), std::string(field.unit), Plain(field, measure::At(record, field.name))});
  }
  console.Show(table);
  console.Out("\n");
  ShowProfile(fmt::format("r{}", id), measure::At(record, "profile"), console);
  console.Paragraph(measure::GradeText(measure::EnvironmentFrom(record["environment"])));
}

int Run(const Options& options, Console& console) {
  const store::Store store = ReadStore(options);
  const std::string& word = options.Positional()[0];
  if (const auto run = RunNumber(word)) {
    ShowRun(store, *run, options, console);
    return 0;
  }
  const store::Campaign campaign = store.Find(word);
  const measure::Outcome outcome = measure::StoredOutcome(store, campaign);
  Json json = measure::ToJson(outcome);
  json["machine"] = campaign.facts.value("machine", Json());
  json["campaign"] = CampaignJson(campaign);
  WriteJson(options, console, json);
  WriteText(options, "markdown", console, OutcomeMarkdown(outcome));
  if (JsonTakesStdout(options) || TakesStdout(options, "markdown")) return 0;
  std::string heading = fmt::format("campaign {}", campaign.id);
  if (!campaign.name.empty()) heading += fmt::format(" '{}'", campaign.name);
  console.Paragraph(fmt::format("{}, {}, {}: {} of {} runs", heading, TimeText(campaign.created_at),
                                StateName(campaign.state), campaign.counts.all, campaign.planned));
  ShowOutcome(outcome, console);
  return 0;
}

}  // namespace

const Command kRunsShow{
    .name = "runs show",
    .summary = "Show a campaign as bench did, or every field of a run",
    .text = "",
    .example =
        "bakeoff runs show 12\n"
        "bakeoff runs show before-upgrade --markdown table.md\n"
        "bakeoff runs show r34",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
