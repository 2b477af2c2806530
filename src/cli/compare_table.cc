// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The result of `bakeoff compare` for people.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "cli/bench.h"
#include "cli/compare.h"
#include "cli/table.h"
#include "core/amounts.h"
#include "core/text.h"
#include "measure/machine.h"

namespace bakeoff::cli {
namespace {

using measure::ComparedRow;
using measure::CompareResult;
using measure::Configuration;
using measure::RunStatus;
using measure::Verdict;

std::string Amount(std::optional<double> value, std::string_view unit) {
  if (!value) return "-";
  struct Step {
    double size;
    std::string_view name;
  };
  static constexpr std::array kTimes = {Step{1e9, "s"}, Step{1e6, "ms"}, Step{1e3, "us"}, Step{1, "ns"}};
  static constexpr std::array kBytes = {Step{1 << 30, "GiB"}, Step{1 << 20, "MiB"}, Step{1 << 10, "KiB"}, Step{1, "B"}};
  static constexpr std::array kRates = {Step{1e6, "M/s"}, Step{1e3, "k/s"}, Step{1, "/s"}, Step{1e-3, "m/s"}};
  const auto* steps = unit == "ns" ? &kTimes : unit == "bytes" ? &kBytes : unit == "1/s" ? &kRates : nullptr;
  if (!steps) return fmt::format("{:.4g} {}", *value, unit);
  for (const Step& step : *steps) {
    // What rounds up to a unit is one: not 1000 us.
    if (*value >= step.size * (1 - 5e-5)) return fmt::format("{:.4g} {}", *value / step.size, step.name);
  }
  return fmt::format("{:.4g} {}", *value / steps->back().size, steps->back().name);
}

std::string Change(std::optional<double> ratio) {
  return ratio ? fmt::format("{} %", core::SignedApart(100 * (*ratio - 1), 2)) : "-";
}

std::string IntervalText(const measure::Comparison& comparison) {
  if (!comparison.low || !comparison.high) return "-";
  const double low = 100 * (*comparison.low - 1), high = 100 * (*comparison.high - 1);
  // An interval that has no change in it must not read as if it had.
  if (low <= 0 && high >= 0) return fmt::format("{:+.2f} .. {:+.2f}", low, high);
  return fmt::format("{} .. {}", core::SignedApart(low, 2), core::SignedApart(high, 2));
}

// Options that all rows of an engine have alike, on both sides: they tell no row from another.
using Common = std::map<std::string, std::map<std::string, std::string>>;

Common CommonOptions(const CompareResult& result) {
  Common common;
  for (const ComparedRow& row : result.rows) {
    for (const Configuration* side : {&row.a, &row.b}) {
      const auto [found, fresh] = common.try_emplace(side->engine, side->options);
      if (fresh) continue;
      std::erase_if(found->second, [&](const auto& option) {
        const auto here = side->options.find(option.first);
        return here == side->options.end() || here->second != option.second;
      });
    }
  }
  return common;
}

std::string OwnOptions(const Configuration& row, const Common& common) {
  Configuration own = row;
  if (const auto shared = common.find(row.engine); shared != common.end())
    std::erase_if(own.options, [&](const auto& option) { return shared->second.contains(option.first); });
  return OptionsText(own);
}

struct Trait {
  std::string_view title;
  std::string (*text)(const Configuration&);
};
constexpr std::array kTraits = {
    Trait{"model", [](const Configuration& row) { return row.model; }},
    Trait{"scenario", [](const Configuration& row) { return row.scenario; }},
    Trait{"engine", [](const Configuration& row) { return row.engine; }},
    Trait{"format", [](const Configuration& row) { return row.artifact.format; }},
    Trait{"threads", [](const Configuration& row) { return fmt::format("{}", row.threads); }},
    Trait{"batch", [](const Configuration& row) { return fmt::format("{}", row.batch); }},
    Trait{"precision", [](const Configuration& row) { return row.precision; }},
    Trait{"options", OptionsText},
};

// Of options those that are not the same everywhere.
std::string OwnText(const Configuration& row, const Trait& trait, const Common& common) {
  return trait.text == OptionsText ? OwnOptions(row, common) : trait.text(row);
}

// "a", or "a / b" where the sides differ.
std::string TraitText(const ComparedRow& row, const Trait& trait, const Common& common) {
  const std::string a = OwnText(row.a, trait, common), b = OwnText(row.b, trait, common);
  return a == b ? a : fmt::format("{} / {}", a.empty() ? "none" : a, b.empty() ? "none" : b);
}

bool Varies(const CompareResult& result, const Trait& trait, const Common& common) {
  return std::any_of(result.rows.begin(), result.rows.end(), [&](const ComparedRow& row) {
    return TraitText(row, trait, common) != TraitText(result.rows.front(), trait, common);
  });
}

bool SeveralMetrics(const CompareResult& result) {
  return std::any_of(result.rows.begin(), result.rows.end(),
                     [&](const ComparedRow& row) { return row.metric != result.rows.front().metric; });
}

// What all rows have in common.
std::string Heading(const CompareResult& result) {
  std::vector<std::string> parts;
  const Common common = CommonOptions(result);
  if (!SeveralMetrics(result)) parts.push_back(fmt::format("metric {}", result.rows.front().metric->name));
  for (const Trait& trait : kTraits) {
    if (Varies(result, trait, common)) continue;
    if (const std::string value = TraitText(result.rows.front(), trait, common); !value.empty())
      parts.push_back(fmt::format("{} {}", trait.title, value));
  }
  for (const auto& [engine, options] : common) {
    if (options.empty()) continue;
    parts.push_back(fmt::format("all{} with {}", common.size() > 1 ? " of " + engine : "",
                                OptionsText({.engine = engine, .options = options})));
  }
  return core::Join(parts, ", ");
}

Cell VerdictCell(const ComparedRow& row) {
  if (row.status_a != RunStatus::kOk || row.status_b != RunStatus::kOk) {
    if (row.status_a == row.status_b) return {std::string(measure::StatusName(row.status_b)), Style::kBad};
    return {fmt::format("{} / {}", measure::StatusName(row.status_a), measure::StatusName(row.status_b)), Style::kBad};
  }
  const Verdict verdict = row.comparison.verdict;
  return {std::string(measure::Word(*row.metric, verdict)), verdict == Verdict::kFaster   ? Style::kGood
                                                            : verdict == Verdict::kSlower ? Style::kBad
                                                                                          : Style::kDim};
}

Table TableOf(const CompareResult& result) {
  Table table;
  std::vector<const Trait*> traits;
  const Common common = CommonOptions(result);
  for (const Trait& trait : kTraits) {
    if (!Varies(result, trait, common)) continue;
    traits.push_back(&trait);
    table.columns.push_back(
        {.title = std::string(trait.title), .wrap = trait.title == "options" || trait.title == "model"});
  }
  const bool metrics = SeveralMetrics(result);
  if (metrics) table.columns.push_back({.title = "metric"});
  for (const char* title : {"A", "B", "change", "99 % interval", "verdict"})
    table.columns.push_back({.title = title, .right = title[0] != 'v'});
  for (const ComparedRow& row : result.rows) {
    std::vector<Cell> cells;
    for (const Trait* trait : traits) cells.emplace_back(TraitText(row, *trait, common));
    if (metrics) cells.emplace_back(std::string(row.metric->name));
    cells.emplace_back(Amount(row.middle_a, row.metric->unit));
    cells.emplace_back(Amount(row.middle_b, row.metric->unit));
    cells.emplace_back(Change(row.comparison.ratio));
    cells.emplace_back(IntervalText(row.comparison));
    cells.push_back(VerdictCell(row));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string Name(const CompareResult& result, const Configuration& row) {
  std::vector<std::string> parts{row.engine};
  const Common common = CommonOptions(result);
  for (const Trait& trait : kTraits) {
    if (trait.title == "engine") continue;
    const std::string value = OwnText(row, trait, common);
    const bool same = std::all_of(result.rows.begin(), result.rows.end(), [&](const ComparedRow& other) {
      return OwnText(other.a, trait, common) == value && OwnText(other.b, trait, common) == value;
    });
    if (!same && !value.empty()) parts.push_back(fmt::format("{} {}", trait.title, value));
  }
  return core::Join(parts, ", ");
}

std::string GradeOf(const Json& environment) {
  return environment.is_object() ? measure::GradeText(measure::EnvironmentFrom(environment))
                                 : "environment not known: the file tells no grade, or the campaign had no end";
}

std::vector<std::string> Lines(const CompareResult& result) {
  std::vector<std::string> lines;
  const auto add = [&](std::string line) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  };
  for (const ComparedRow& row : result.rows) {
    for (const auto& [side, status, text] :
         {std::tuple("A", row.status_a, row.text_a), std::tuple("B", row.status_b, row.text_b)}) {
      if (status != RunStatus::kOk)
        add(fmt::format("{} of {}: {}{}{}", Name(result, row.b), side, measure::StatusName(status),
                        text.empty() ? "" : ": ", core::Brief(text)));
    }
    if (row.status_a == RunStatus::kOk && row.status_b == RunStatus::kOk && !row.comparison.reason.empty())
      add(fmt::format("{}, {}: {}: {}", Name(result, row.b), row.metric->name,
                      measure::VerdictName(row.comparison.verdict), row.comparison.reason));
  }
  for (const Configuration& row : result.only_a) add(fmt::format("only in A: {}", Name(result, row)));
  for (const Configuration& row : result.only_b) add(fmt::format("only in B: {}", Name(result, row)));
  for (const std::string& note : result.notes) add(note);
  const std::string a = GradeOf(result.environment_a), b = GradeOf(result.environment_b);
  if (a == b) {
    add(fmt::format("A and B: {}", a));
  } else {
    add(fmt::format("A: {}", a));
    add(fmt::format("B: {}", b));
  }
  for (const measure::Judged& judged : result.judged) {
    if (judged.held == measure::Held::kHeld) continue;
    add(fmt::format("{} {}: {}", judged.held == measure::Held::kBroken ? "REGRESSION" : "cannot be judged",
                    judged.condition, Name(result, result.rows[judged.row].b)));
  }
  return lines;
}

constexpr std::string_view kLegend =
    "A, B: geometric mean over repetitions. change: of B against A. Verdicts hold with 99 % confidence for each row.";
constexpr std::array<std::string_view, 2> kGiveWay = {"format", "precision"};
constexpr std::array<std::string_view, 1> kLast = {"99 % interval"};

}  // namespace

void ShowComparison(const CompareResult& result, Console& console) {
  console.Paragraph(fmt::format("A: {}", result.label_a));
  console.Paragraph(fmt::format("B: {}", result.label_b));
  if (!result.rows.empty()) {
    console.Paragraph(Heading(result));
    console.Out("\n");
    console.ShowFitted(TableOf(result), kGiveWay, kLast);
    console.Out("\n");
    console.Paragraph(kLegend);
  }
  for (const std::string& line : Lines(result)) console.Paragraph(line);
}

std::string ComparisonMarkdown(const CompareResult& result) {
  std::string text = fmt::format("A: {}  \nB: {}  \n", result.label_a, result.label_b);
  // There may be nothing to compare: only what was taken over.
  if (!result.rows.empty()) text += fmt::format("{}\n\n{}\n", Heading(result), TableOf(result).Markdown());
  for (const std::string& each : Lines(result)) text += fmt::format("- {}\n", core::Printable(core::Brief(each, 1000)));
  return text;
}

}  // namespace bakeoff::cli
