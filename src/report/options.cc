// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What each optimisation bought, from `bench --ablate`; and the rows of open loops.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"
#include "report/scene.h"

namespace bakeoff::report {
namespace {

std::string ValueText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The options that a row has otherwise than where its campaign began.
std::vector<std::string> Changed(const Json& from, const Json& to) {
  std::vector<std::string> changes;
  for (const auto& [name, value] : to.items()) {
    const auto before = from.find(name);
    if (before == from.end() || *before != value) changes.push_back(fmt::format("{}={}", name, ValueText(value)));
  }
  for (const auto& [name, value] : from.items()) {
    if (!to.contains(name)) changes.push_back(fmt::format("{} by default", name));
  }
  return changes;
}

using Group = std::vector<const Row*>;

// The rows of one engine and setting in one ablation; the first is where it began.
std::map<std::string, Group> GroupsOf(const Scene& scene) {
  std::map<std::string, Group> groups;
  for (const Row& row : scene.rows.rows) {
    if (row.role != "ablate" || row.status != "ok" || !row.Measured()) continue;
    const Subject& subject = scene.SubjectOf(row);
    std::string key = fmt::format("{}\n{}", row.campaign, subject.engine);
    if (scene.rows.models.size() > 1) key += "\n" + subject.model;
    key += fmt::format("\n{}\n{}\n{}\n{}\n{}", subject.format, subject.precision, row.threads, row.batch, row.scenario);
    groups[key].push_back(&row);
  }
  return groups;
}

}  // namespace

Section OptionsSection(const Scene& scene) {
  Section section("options", "What each optimisation bought", "Options");
  int number = 0;
  for (const auto& [key, rows] : GroupsOf(scene)) {
    if (rows.size() < 2) continue;
    const Row& base = *rows.front();
    const Subject& subject = scene.SubjectOf(base);
    const std::string suffix = number++ == 0 ? "" : fmt::format("-{}", number);
    const std::string who =
        subject.campaign.empty() ? subject.engine : fmt::format("{} ({})", subject.engine, subject.campaign);
    const std::string title = core::Printable(fmt::format("{}, {}", who, SettingText(base)));
    Chart chart("ablation" + suffix, "bars", "Speed-up by option: " + title);
    chart.Axis("x", "times as fast as where it began").Axis("y", "").Set("horizontal", true).Set("reference", 1);
    chart.Series("speed-up", static_cast<int>(base.subject));
    Table table("ablation-table" + suffix, "Options: " + title);
    table.Column("Options")
        .Column("Median", true)
        .Column("Speed-up", true)
        .Column("99 % interval", true)
        .Column("Verdict");
    table.Add({"where it began", Cell(TimeText(Latency(base)), Latency(base)), Cell("1", 1), kNone, kNone}, base.ids());
    std::vector<std::string> texts;
    Findings findings(fmt::format("what options of {} bring for", core::Printable(who)), kFast);
    for (size_t i = 1; i < rows.size(); ++i) {
      const Row& row = *rows[i];
      const std::string name =
          core::Printable(core::Join(Changed(subject.options, scene.SubjectOf(row).options), ", "));
      // All options of one ablation together are called wrong in at most 1 % of reports.
      const Gain gain = LatencyGain(row, base, measure::kAlpha / static_cast<double>(rows.size() - 1));
      if (!gain.ratio) continue;
      const Origin origin = Origin(row.ids()).Add(base.ids());
      chart.Add({name, *gain.ratio, gain.low, gain.high, origin});
      const char* verdict = gain.standing == Standing::kBetter  ? "gain"
                            : gain.standing == Standing::kWorse ? "loss"
                            : gain.standing == Standing::kTie   ? "no difference"
                                                                : "not decided";
      table.Add(
          {name, Cell(TimeText(Latency(row)), Latency(row)), Cell(RatioText(*gain.ratio), gain.ratio),
           gain.low && gain.high ? Cell(fmt::format("{} … {}", RatioText(*gain.low), RatioText(*gain.high)), gain.low)
                                 : Cell(kNone),
           Cell(verdict).Toned(gain.standing == Standing::kBetter  ? "good"
                               : gain.standing == Standing::kWorse ? "bad"
                                                                   : "")},
          origin);
      texts.push_back(fmt::format("{} {}", name, RatioText(*gain.ratio)));
      findings.Add(fmt::format("{} with {}", core::Printable(who), name), "where it began", name, gain, origin);
    }
    findings.Tell(section);
    chart.Alt("How many times as fast as where it began: " + And(texts) + ".");
    section.Add(chart);
    section.Add(table);
  }
  if (section.empty())
    section.Absent("Not measured: `bench MODEL --ablate -o ENGINE.OPTION=OLD,NEW` tells what each option buys.");
  return section;
}

namespace {

// Queries of several inferences each: the latency is that of the whole.
void AddMultiStream(const Scene& scene, const std::string& model, Section& section) {
  const auto rows = scene.rows.Of("multi-stream", model);
  Table table("multi-stream" + (scene.rows.models.size() > 1 ? "-" + model : ""),
              "Multi-stream: queries of several inferences" + scene.OfModel(model));
  table.Column("Engine").Column("Threads", true).Column("Streams", true).Column("Per query", true);
  table.Column("Median", true).Column("p99", true).Column("Samples/s", true);
  for (const Row* row : rows) {
    const auto p50 = Latency(*row), p99 = row->MedianOfAll("latency_ns.p99"), rate = row->Median("throughput_per_s");
    table.Add({Cell(scene.Label(*row)).Of(row->subject), Cell(std::to_string(row->threads), row->threads),
               Cell(std::to_string(row->streams), row->streams),
               Cell(std::to_string(row->samples_per_query), row->samples_per_query), Cell(TimeText(p50), p50),
               Cell(TimeText(p99), p99), Cell(RateText(rate), rate)},
              row->ids());
  }
  section.Add(table);
}

}  // namespace

Section ServerSection(const Scene& scene) {
  Section section("server", "Under load");
  for (const std::string& model : scene.rows.models) AddMultiStream(scene, model, section);
  for (const std::string& model : scene.rows.models) {
    std::map<size_t, Group> found;
    for (const Row& row : scene.rows.rows) {
      if (row.role == "server" && scene.SubjectOf(row).model == model &&
          (row.status == "ok" || row.status == "saturated"))
        found[row.subject].push_back(&row);
    }
    if (found.empty()) continue;
    const std::string suffix = scene.rows.models.size() > 1 ? "-" + model : "";
    Chart chart("server" + suffix, "lines", "p99 latency over offered load" + scene.OfModel(model));
    chart.Axis("x", "offered", "queries/s").Axis("y", "p99 latency", "ms");
    Table table("server-table" + suffix, "Open loop" + scene.OfModel(model));
    table.Column("Engine")
        .Column("Threads", true)
        .Column("Offered", true)
        .Column("Answered", true)
        .Column("Median", true)
        .Column("p99", true)
        .Column("Status");
    for (auto& [subject, rows] : found) {
      std::stable_sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) { return a->qps < b->qps; });
      chart.Series(scene.rows.subjects[subject].label, static_cast<int>(subject));
      for (const Row* row : rows) {
        const auto p99 = row->MedianOfAll("latency_ns.p99"), p50 = row->MedianOfAll("latency_ns.p50"),
                   offered = row->Median("open_loop.offered_per_s"), achieved = row->Median("open_loop.achieved_per_s");
        // A queue that grows has no latency.
        const auto latency = [&](const std::optional<double>& time) {
          return row->status == "ok" ? Cell(TimeText(time), time) : Cell(kNone);
        };
        if (p99 && row->status == "ok") chart.Add({row->qps, *p99 / 1e6, {}, {}, row->ids()});
        table.Add({Cell(scene.Label(*row)).Of(subject), Cell(std::to_string(row->threads), row->threads),
                   Cell(RateText(offered ? *offered : row->qps), row->qps), Cell(RateText(achieved), achieved),
                   latency(p50), latency(p99), Cell(row->status).Toned(row->status == "ok" ? "" : "bad")},
                  row->ids());
      }
    }
    chart.Alt(
        "99th percentile of the latency from when a query was due, over the rate that was offered; saturated rows have "
        "no latency. The table has the numbers.");
    section.Add(chart);
    section.Add(table);
  }
  return section;
}

}  // namespace bakeoff::report
