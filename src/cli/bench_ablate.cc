// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What each option of `bench --ablate` bought: against the row where its engine began, alone, and all together.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/bench.h"
#include "cli/numbers.h"
#include "core/amounts.h"
#include "core/text.h"
#include "measure/record.h"
#include "measure/verdict.h"

namespace bakeoff::cli {
namespace {

using measure::Configuration;
using measure::Run;
using measure::Verdict;

struct Row {
  const Configuration* configuration = nullptr;
  std::vector<const Run*> runs;  // with a speed, by repetition
};

// The rows of one engine that differ in nothing but its options, in the plan's order: first where it began, last, where
// there are several options, all together.
std::vector<std::vector<Row>> Ablations(const measure::Outcome& outcome) {
  std::vector<std::vector<Row>> groups;
  std::map<std::string, size_t> places;
  for (const Configuration& each : outcome.plan) {
    const std::string key =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", each.engine, each.artifact.path, each.scenario,
                    each.device, each.threads, each.streams, each.batch, each.precision, each.qps, each.test_size);
    const auto [place, fresh] = places.try_emplace(key, groups.size());
    if (fresh) groups.emplace_back();
    Row row{.configuration = &each, .runs = {}};
    for (const Run& run : outcome.runs) {
      if (run.row == static_cast<size_t>(&each - outcome.plan.data()) && run.samples > 0) row.runs.push_back(&run);
    }
    groups[place->second].push_back(std::move(row));
  }
  std::erase_if(groups, [](const std::vector<Row>& group) { return group.size() < 2; });
  return groups;
}

// Options that a row has otherwise than where its engine began.
std::vector<std::string> Changes(const Configuration& base, const Configuration& row) {
  std::vector<std::string> changes;
  for (const auto& [name, value] : row.options) {
    const auto before = base.options.find(name);
    if (before == base.options.end() || before->second != value) changes.push_back(fmt::format("{}={}", name, value));
  }
  return changes;
}

// Time per unit of what ranks the rows, one of each repetition: less is better. {} where one has none.
std::vector<double> Costs(const Row& row, measure::RankBy by) {
  std::vector<double> costs;
  for (const Run* run : row.runs) {
    if (const auto rank = measure::RankOf(*run, by)) costs.push_back(1 / *rank);
  }
  return costs.size() == row.runs.size() ? costs : std::vector<double>();
}

// Whether repetitions were measured in the same rounds, so that a drift of the machine fell on both.
bool InTurns(const Row& a, const Row& b) {
  return std::equal(a.runs.begin(), a.runs.end(), b.runs.begin(), b.runs.end(),
                    [](const Run* x, const Run* y) { return measure::RoundOf(*x) == measure::RoundOf(*y); });
}

Cell VerdictCell(Verdict verdict) {
  return {std::string(verdict == Verdict::kTie ? "no difference" : measure::VerdictName(verdict)),
          verdict == Verdict::kFaster   ? Style::kGood
          : verdict == Verdict::kSlower ? Style::kBad
                                        : Style::kDim};
}

struct Ablation {
  std::string heading;
  Table table;
};

Ablation AblationOf(const std::vector<Row>& rows) {
  const Row& base = rows.front();
  std::vector<const Run*> all;
  for (const Row& row : rows) all.insert(all.end(), row.runs.begin(), row.runs.end());
  const measure::RankBy by = measure::RankByOf(base.configuration->scenario, all);
  const std::string began = OptionsText(*base.configuration);
  Ablation ablation;
  ablation.heading = fmt::format(
      "{} on {}, {}, {}: what its options buy, by {}, against where it began (base); all intervals together "
      "hold with 99 %",
      base.configuration->engine, core::Printable(base.configuration->model), base.configuration->scenario,
      core::Count(base.configuration->threads, "thread"), measure::RankName(by));
  ablation.table.columns = {{.title = ""},
                            {.title = "options", .wrap = true},
                            {.title = "times as fast", .right = true},
                            {.title = "interval", .right = true},
                            {.title = "verdict"}};
  ablation.table.rows.push_back({"base", began.empty() ? "-" : began, "1", "-", ""});
  const std::vector<double> before = Costs(base, by);
  for (size_t i = 1; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const auto changes = Changes(*base.configuration, *row.configuration);
    const auto gain = measure::Compare(before, Costs(row, by), InTurns(base, row),
                                       measure::kAlpha / static_cast<double>(rows.size() - 1));
    const std::string interval =
        gain.low && gain.high ? fmt::format("{} .. {}", Digits(1 / *gain.high), Digits(1 / *gain.low)) : "-";
    ablation.table.rows.push_back({changes.size() > 1 ? "all" : "alone", core::Join(changes, " "),
                                   gain.ratio ? Digits(1 / *gain.ratio) + "x" : "-", interval,
                                   VerdictCell(gain.verdict)});
    if (!gain.reason.empty() && row.runs.size() < measure::kLeastRepetitions && i == 1)
      ablation.heading += "; " + gain.reason;
  }
  return ablation;
}

}  // namespace

void ShowAblations(const measure::Outcome& outcome, Console& console) {
  if (!outcome.ablate) return;
  for (const auto& rows : Ablations(outcome)) {
    const Ablation ablation = AblationOf(rows);
    console.Paragraph(ablation.heading);
    console.Show(ablation.table);
    console.Out("\n");
  }
}

std::string AblationsMarkdown(const measure::Outcome& outcome) {
  std::string text;
  if (!outcome.ablate) return text;
  for (const auto& rows : Ablations(outcome)) {
    const Ablation ablation = AblationOf(rows);
    text += fmt::format("#### {}\n\n{}\n", ablation.heading, ablation.table.Markdown());
  }
  return text;
}

}  // namespace bakeoff::cli
