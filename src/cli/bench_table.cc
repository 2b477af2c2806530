// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The result of `bakeoff bench` for people: one table per network and scenario, what failed, and how far to trust it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>

#include "cli/bench.h"
#include "cli/numbers.h"
#include "core/amounts.h"
#include "core/text.h"

namespace bakeoff::cli {
namespace {

using measure::RunStatus;
using measure::Summary;

std::optional<double> Latency(const Summary& row) {
  return row.p50_ns ? row.p50_ns : row.mean_ns;
}

// The unit that suits the fastest row. Engines for testing, which may answer in no time, do not
// choose it for others.
Unit UnitOf(const std::vector<const Summary*>& rows) {
  std::optional<double> real, any;
  for (const Summary* row : rows) {
    const auto latency = Latency(*row);
    if (!latency) continue;
    any = std::min(any.value_or(*latency), *latency);
    if (!row->configuration.for_testing) real = std::min(real.value_or(*latency), *latency);
  }
  return UnitFor(real.value_or(any.value_or(0)));
}

// What tells rows apart. A column whose value is the same everywhere goes into the heading.
struct Trait {
  std::string_view title;
  std::string (*text)(const Summary&);
  bool right;
};
constexpr std::array kTraits = {
    Trait{"format",
          [](const Summary& row) {
            return row.configuration.artifact.format + (row.configuration.conversion ? "*" : "");
          },
          false},
    Trait{"per s",
          [](const Summary& row) {
            return row.configuration.qps > 0 ? fmt::format("{:g}", row.configuration.qps) : std::string();
          },
          true},
    Trait{"samples",
          [](const Summary& row) {
            return row.configuration.test_size > 0 ? fmt::format("{}", row.configuration.test_size) : std::string();
          },
          true},
    Trait{"threads", [](const Summary& row) { return fmt::format("{}", row.configuration.threads); }, true},
    Trait{"batch", [](const Summary& row) { return fmt::format("{}", row.batch); }, true},
    Trait{"precision", [](const Summary& row) { return row.configuration.precision; }, false},
    Trait{"options", [](const Summary& row) { return OptionsText(row.configuration); }, false},
};

bool Varies(const std::vector<const Summary*>& rows, const Trait& trait) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Summary* row) { return trait.text(*row) != trait.text(*rows.front()); });
}

bool Measured(const Summary& row) {
  return row.measured > 0;
}

std::string Mark(const Summary& row) {
  if (row.status != RunStatus::kOk) return std::string(measure::StatusName(row.status));
  if (!Measured(row)) return "";
  return row.winner ? "fastest" : row.tie ? "overlaps" : row.leads ? "fastest so far" : "";
}

Table TableOf(const std::vector<const Summary*>& rows, const Unit& unit) {
  Table table;
  table.columns.push_back({.title = "engine"});
  std::vector<const Trait*> traits;
  for (const Trait& trait : kTraits) {
    if (!Varies(rows, trait)) continue;
    traits.push_back(&trait);
    table.columns.push_back(
        {.title = std::string(trait.title), .right = trait.right, .wrap = trait.title == "options"});
  }
  // Where a row has too few samples for a median, the mean stands in its place and says so, as it ranks by it.
  const bool medians =
      std::any_of(rows.begin(), rows.end(), [](const Summary* row) { return row->p50_ns.has_value(); });
  const bool sizes = rows.front()->configuration.test_size > 0;
  if (sizes)
    table.columns.insert(table.columns.end(),
                         {{.title = "total s", .right = true}, {.title = "+pre s", .right = true}});
  const auto latency = [&](const Summary& row) {
    const std::string mark = medians && !row.p50_ns && row.mean_ns ? "~" : "";
    return mark + Number(Over(Latency(row), unit.ns));
  };
  for (const std::string& title :
       {fmt::format("{} {}", medians ? "p50" : "mean", unit.name), std::string("p90"), std::string("p99"),
        std::string("+-%"), std::string("1/s"), std::string("load ms"), std::string("MiB"), std::string("faster")}) {
    table.columns.push_back({.title = title, .right = true});
  }
  table.columns.push_back({.title = ""});
  for (const Summary* row : rows) {
    std::vector<Cell> cells{{row->configuration.engine, Style::kBold}};
    for (const Trait* trait : traits) cells.emplace_back(trait->text(*row));
    if (sizes) {
      cells.emplace_back(Number(Over(row->wall_ns, 1e9)));
      cells.emplace_back(row->preprocess_ns && row->wall_ns ? Number((*row->wall_ns + *row->preprocess_ns) / 1e9) : "");
    }
    cells.emplace_back(latency(*row));
    cells.emplace_back(Number(Over(row->p90_ns, unit.ns)));
    cells.emplace_back(Number(Over(row->p99_ns, unit.ns)));
    cells.emplace_back(row->spread ? fmt::format("{:.1f}", *row->spread * 50) : "-");
    cells.emplace_back(Rate(row->throughput_per_s));
    cells.emplace_back(Number(Over(row->load_ns, 1e6)));
    cells.emplace_back(Number(Over(row->peak_rss_bytes, 1 << 20)));
    cells.emplace_back(row->times_faster ? Digits(*row->times_faster) + "x" : "-");
    cells.emplace_back(Mark(*row), row->winner                     ? Style::kGood
                                   : row->status == RunStatus::kOk ? Style::kDim
                                                                   : Style::kBad);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

// What was not measured: a row per engine, model and kind of trouble (one in all for what an engine does not read),
// whatever the threads and batches. The reasons stand below the table.
void AddUnmeasured(const std::vector<const Summary*>& rows, Table& table) {
  if (table.columns.empty()) table.columns = {{.title = "engine"}, {.title = ""}};
  for (const Summary* row : rows) {
    std::vector<Cell> cells{{row->configuration.engine, Style::kBold}};
    for (size_t i = 1; i + 1 < table.columns.size(); ++i) {
      const std::string& name = table.columns[i].title;
      const bool is_format = name == kTraits[0].title;
      const bool trait =
          std::any_of(kTraits.begin(), kTraits.end(), [&](const Trait& each) { return each.title == name; });
      const bool read = row->status != RunStatus::kUnsupported;  // else it may be one of several that it does not read
      cells.emplace_back(is_format && read ? kTraits[0].text(*row) : trait && !is_format ? "" : "-");
    }
    cells.emplace_back(Mark(*row), Style::kBad);
    table.rows.push_back(std::move(cells));
  }
}

// Columns that a narrow terminal can do without, the least useful first.
constexpr std::array<std::string_view, 5> kGiveWay = {"load ms", "p90", "+-%", "MiB", "p99"};

// Rows of another rate or batch may have enough samples for another percentile.
std::string RankedBy(const std::vector<const Summary*>& rows) {
  std::vector<std::string> names;
  for (const Summary* row : rows) {
    if (row->times_faster && std::find(names.begin(), names.end(), row->ranked_by) == names.end())
      names.push_back(row->ranked_by);
  }
  return names.empty() ? "" : "; faster: by " + core::Join(names, " or ");
}

std::string Heading(const std::vector<const Summary*>& rows) {
  const Summary& first = *rows.front();
  std::string text = fmt::format("{}, {}", core::Printable(first.configuration.model), first.configuration.scenario);
  // There latency is a price, not the aim.
  if (first.configuration.scenario == "offline" || first.configuration.scenario == "dataset")
    text += " (faster: by samples per second)";
  if (first.configuration.scenario == "server")
    text += fmt::format(" (latency from when a query was due{})", RankedBy(rows));
  if (first.configuration.samples_per_query > 0)
    text += fmt::format(" (queries of {} samples)", first.configuration.samples_per_query);
  for (const Trait& trait : kTraits) {
    if (Varies(rows, trait)) continue;
    const std::string value = trait.text(first);
    if (!value.empty()) text += fmt::format(", {} {}", trait.title, value);
  }
  return text;
}

// A format that the engine does not read is no trouble where the same network was given in one that it reads.
bool ServedOtherwise(const measure::Outcome& outcome, const Summary& row) {
  return row.status == RunStatus::kUnsupported &&
         std::any_of(outcome.summary.begin(), outcome.summary.end(), [&](const Summary& other) {
           return other.configuration.engine == row.configuration.engine &&
                  other.configuration.model == row.configuration.model &&
                  other.configuration.artifact.path != row.configuration.artifact.path &&
                  other.status != RunStatus::kUnsupported;
         });
}

// What is the same but for the name of the engine: a prefix that leads nowhere fails every worker in the same way.
std::string WithoutName(std::string text, const std::string& engine) {
  const std::string name = fmt::format("the {} worker", engine);
  if (const size_t at = text.find(name); at != std::string::npos) text.replace(at, name.size(), "the worker");
  return text;
}

// What --latency-bound asked: "; 99 % are within 15 ms, with 99 % confidence".
std::string BoundText(const Summary& row) {
  if (!row.bound_ns) return "";
  const std::string within = fmt::format("99 % are within {:.6g} ms", static_cast<double>(*row.bound_ns) / 1e6);
  if (row.bound_proved == 0) return fmt::format("; that {} is not proved", within);
  return fmt::format("; {}, with 99 % confidence{}", within,
                     row.bound_proved == row.measured
                         ? ""
                         : fmt::format(", in {} of {} repetitions only", row.bound_proved, row.measured));
}

// Of an open loop: the rate that was drawn, which is not quite what was asked for, what became of it, and how many
// queries began late.
std::string OfferText(const Summary& row) {
  if (!row.offered_per_s || !row.late_share) return "";
  const measure::Configuration& asked = row.configuration;
  return fmt::format("{}{}, {}: {} queries per s were offered{}, {:.3g} % began more than 50 us late{}", asked.engine,
                     asked.qps > 0 ? fmt::format(", {:g} per s", asked.qps) : "", core::Count(asked.threads, "thread"),
                     Plain(*row.offered_per_s),
                     row.achieved_per_s ? fmt::format(" and {} answered", Plain(*row.achieved_per_s)) : "",
                     100 * *row.late_share, BoundText(row));
}

// One line per kind of trouble: rows that differ only in engine, threads or batch share it.
std::vector<std::string> Troubles(const measure::Outcome& outcome) {
  std::vector<std::string> paths;
  for (const Summary& row : outcome.summary) paths.push_back(Given(row.configuration).path);
  struct Trouble {
    std::string what, on;
    std::vector<std::string> engines;
  };
  std::vector<Trouble> troubles;
  std::vector<Unread> unread;
  for (const Summary& row : outcome.summary) {
    const measure::Configuration& asked = row.configuration;
    if (!asked.reads.empty()) {
      if (!ServedOtherwise(outcome, row))
        AddUnread(asked.artifact, asked.engine, asked.reads, asked.advice, paths, unread);
      continue;
    }
    const std::string text = row.error ? WithoutName(row.error->text(), asked.engine) : row.note;
    if (text.empty()) continue;
    const std::string what = fmt::format("{}: {}", row.error ? measure::StatusName(row.status) : "note", text);
    const std::string on = ShortName(Given(asked).path, paths);
    auto same = std::find_if(troubles.begin(), troubles.end(),
                             [&](const Trouble& other) { return other.what == what && other.on == on; });
    if (same == troubles.end()) same = troubles.insert(troubles.end(), Trouble{what, on, {}});
    if (std::find(same->engines.begin(), same->engines.end(), asked.engine) == same->engines.end())
      same->engines.push_back(asked.engine);
  }
  std::vector<std::string> lines;
  for (const Trouble& trouble : troubles)
    lines.push_back(fmt::format("{} on {}: {}", core::Join(trouble.engines, ", "), trouble.on, trouble.what));
  for (const Summary& row : outcome.summary) {
    if (const std::string text = OfferText(row); !text.empty()) lines.push_back(text);
  }
  for (const Unread& each : unread) lines.push_back(each.Text());
  for (const std::string& note : outcome.notes) lines.push_back(note);
  return lines;
}

// The rows of one network and scenario.
struct Group {
  std::vector<const Summary*> measured;    // fastest first
  std::vector<const Summary*> unmeasured;  // one for each engine, model and status

  const Summary& first() const { return measured.empty() ? *unmeasured.front() : *measured.front(); }
};

void AddTo(Group& group, const measure::Outcome& outcome, const Summary& row) {
  if (Measured(row)) {
    group.measured.push_back(&row);
    return;
  }
  const bool known = std::any_of(group.unmeasured.begin(), group.unmeasured.end(), [&](const Summary* other) {
    return other->configuration.engine == row.configuration.engine && other->status == row.status &&
           (row.status == RunStatus::kUnsupported ||
            other->configuration.artifact.path == row.configuration.artifact.path);
  });
  if (!known && !ServedOtherwise(outcome, row) && row.status != RunStatus::kOk) group.unmeasured.push_back(&row);
}

std::vector<Group> Groups(const measure::Outcome& outcome) {
  std::vector<Group> groups;
  for (const Summary& row : outcome.summary) {
    Group single;
    AddTo(single, outcome, row);
    if (single.measured.empty() && single.unmeasured.empty()) continue;
    const auto mine = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.first().configuration.model == row.configuration.model &&
             group.first().configuration.scenario == row.configuration.scenario;
    });
    if (mine == groups.end()) {
      groups.push_back(std::move(single));
    } else {
      AddTo(*mine, outcome, row);
    }
  }
  for (Group& group : groups) {
    std::stable_sort(group.measured.begin(), group.measured.end(), [](const Summary* a, const Summary* b) {
      const auto key = [](const Summary* row) {
        return std::tuple(row->configuration.qps, row->configuration.test_size, row->batch,
                          -row->times_faster.value_or(0));
      };
      return key(a) < key(b);
    });
  }
  return groups;
}

Table TableOf(const Group& group) {
  Table table;
  if (!group.measured.empty()) table = TableOf(group.measured, UnitOf(group.measured));
  AddUnmeasured(group.unmeasured, table);
  return table;
}

std::string Heading(const Group& group) {
  if (!group.measured.empty()) return Heading(group.measured);
  return fmt::format("{}, {}", group.first().configuration.model, group.first().configuration.scenario);
}

constexpr std::string_view kConvertedLegend = "*: converted by Bakeoff for this engine, and verified (see below).";

constexpr std::string_view kLegend =
    "p50, p90, p99: latency of a batch, median over repetitions (- : too few samples; ~: then the mean, in place of "
    "p50). "
    "+-%: half the range of the "
    "repetitions. 1/s: samples per second. "
    "MiB: peak memory. faster: than the slowest of that batch. overlaps: some repetition is as fast as one of "
    "the fastest row; compare and report have verdicts.";

}  // namespace

std::string OptionsText(const measure::Configuration& row) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : row.options) parts.push_back(fmt::format("{}={}", name, value));
  return core::Join(parts, " ");
}

void ShowOutcome(const measure::Outcome& outcome, Console& console) {
  for (const Group& group : Groups(outcome)) {
    console.Paragraph(Heading(group));
    console.ShowFitted(TableOf(group), kGiveWay);
    console.Out("\n");
  }
  if (std::any_of(outcome.summary.begin(), outcome.summary.end(), Measured)) console.Paragraph(std::string(kLegend));
  if (std::any_of(outcome.summary.begin(), outcome.summary.end(),
                  [](const Summary& row) { return row.configuration.conversion && Measured(row); }))
    console.Paragraph(std::string(kConvertedLegend));
  ShowAblations(outcome, console);
  for (const measure::Run& run : outcome.runs) ShowProfile(measure::Title(run.configuration), run.profile, console);
  for (const std::string& line : Troubles(outcome)) console.Paragraph(line);
  console.Paragraph(measure::GradeText(outcome.environment));
}

std::string OutcomeMarkdown(const measure::Outcome& outcome) {
  std::string text;
  for (const Group& group : Groups(outcome))
    text += fmt::format("### {}\n\n{}\n", Heading(group), TableOf(group).Markdown());
  text += AblationsMarkdown(outcome);
  for (const measure::Run& run : outcome.runs) text += ProfileMarkdown(measure::Title(run.configuration), run.profile);
  for (const std::string& trouble : Troubles(outcome))
    text += fmt::format("- {}\n", core::Printable(core::Brief(trouble, 1000)));
  return text + fmt::format("- {}\n", core::Printable(measure::GradeText(outcome.environment)));
}

}  // namespace bakeoff::cli
