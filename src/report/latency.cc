// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Latency: distributions from sketches of the raw samples, the ranking in words, and every row in a table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "measure/record.h"
#include "report/scene.h"
#include "report/sketch.h"

namespace bakeoff::report {
namespace {

// More would be hard to tell apart, on a phone above all.
constexpr size_t kMostViolins = 16;

std::optional<Sketch> SketchOf(const Scene& scene, const Row& row) {
  Sketch sketch;
  if (!scene.samples) return std::nullopt;
  for (const StoredRun* run : row.runs) sketch.Add(scene.samples(run->id));
  return sketch.count() > 0 ? std::optional(std::move(sketch)) : std::nullopt;
}

Json ViolinOf(const Row& row, const Sketch& sketch, const std::string& name) {
  Json json{{"x", name}, {"samples", sketch.count()}};
  Json outline = Json::array();
  for (const auto& [value, width] : sketch.Outline())
    outline.push_back({Rounded(value / 1e6), Rounded(std::round(width * 1000) / 1000)});
  json["outline"] = std::move(outline);
  const auto quantile = [&](double share) { return Rounded(sketch.Quantile(share) / 1e6); };
  json["quartiles"] = {quantile(0.25), quantile(0.5), quantile(0.75)};
  json["range"] = {quantile(0.005), quantile(0.995)};
  json["y"] = Rounded(Latency(row).value_or(sketch.Quantile(0.5)) / 1e6);
  return json;
}

void AddViolins(const Scene& scene, const std::string& model, const std::vector<const Row*>& best, Section& section) {
  Chart chart("latency-distribution" + (scene.rows.models.size() > 1 ? "-" + model : ""), "violin",
              "Latency distribution" + scene.OfModel(model));
  double low = 0, high = 0;
  std::vector<std::string> words;
  for (const Row* row : best) {
    if (words.size() == kMostViolins) break;
    const auto sketch = SketchOf(scene, *row);
    if (!sketch) continue;
    const double least = sketch->Quantile(0.005), most = sketch->Quantile(0.995);
    low = low == 0 ? least : std::min(low, least);
    high = std::max(high, most);
    words.push_back(fmt::format("{}: median of the pooled samples {}, half of them between {} and {}",
                                scene.Label(*row), TimeText(sketch->Quantile(0.5)), TimeText(sketch->Quantile(0.25)),
                                TimeText(sketch->Quantile(0.75))));
    chart.Series(scene.Label(*row), static_cast<int>(row->subject))
        .AddRaw(ViolinOf(*row, *sketch, scene.Label(*row)), row->ids());
  }
  if (chart.empty()) return;
  chart.Axis("x", "latency", "ms", low > 0 && high / low > 6).Axis("y", "");
  chart.Alt(
      fmt::format("Distribution of the latencies of single inferences, each engine at its best number of threads, the "
                  "samples of all repetitions pooled. {}.",
                  [&] {
                    std::string text;
                    for (const std::string& word : words) text += (text.empty() ? "" : "; ") + word;
                    return text;
                  }()));
  section.Add(chart);
  if (best.size() > kMostViolins) {
    Origin all;
    for (const Row* row : best) all.Add(row->ids());
    section.Note(
        fmt::format("The chart has the {} with the shortest latency; the table has all {}.", kMostViolins, best.size()),
        all);
  }
}

std::string SentenceOfFront(const Scene& scene, const Ranking& ranking) {
  std::vector<std::string> front;
  for (size_t i = 1; i < ranking.order.size(); ++i) {
    if (ranking.gains[i].standing != Standing::kBetter) front.push_back(scene.Label(*ranking.order[i]));
  }
  const std::string& first = scene.Label(*ranking.order[0]);
  return ranking.all_tie
             ? fmt::format("{} tie in latency: none of them is proved to be ahead.", And([&] {
                             auto all = front;
                             all.insert(all.begin(), first);
                             return all;
                           }()))
             : fmt::format(
                   "No winner in latency is proved: {} has the lowest median so far, {} cannot be told from it yet.",
                   first, And(front));
}

void AddSentences(const Scene& scene, const std::vector<const Row*>& rows, Section& section) {
  const Ranking ranking = RankLatency(rows);
  if (ranking.order.empty()) return;
  const Row& first = *ranking.order[0];
  Origin all;
  for (const Row* row : ranking.order) all.Add(row->ids());
  if (ranking.order.size() == 1) {
    section.Say(fmt::format("{} was measured alone: {} at its best ({}).", scene.Label(first), TimeText(Latency(first)),
                            SettingText(first)),
                first.ids());
    return;
  }
  if (ranking.proved) {
    section.Say(fmt::format("{} is the fastest of {}: {} ({}).", scene.Label(first), ranking.order.size(),
                            TimeText(Latency(first)), SettingText(first)),
                all, "good");
  } else {
    section.Say(SentenceOfFront(scene, ranking), all, "tie");
  }
  Findings findings(fmt::format("whether {} is ahead of", scene.Label(first)), kFast);
  for (size_t i = 1; i < ranking.order.size(); ++i) {
    const Row& other = *ranking.order[i];
    findings.Add(fmt::format("{} ({})", scene.Label(first), SettingText(first)),
                 fmt::format("{} ({})", scene.Label(other), SettingText(other)), scene.Label(other), ranking.gains[i],
                 Origin(first.ids()).Add(other.ids()));
  }
  findings.Tell(section);
}

Cell MedianCell(const Row& row) {
  const auto latency = Latency(row);
  std::string text = TimeText(latency);
  if (!row.MedianOfAll("latency_ns.p50")) text = "~" + text;
  return {text, latency};
}

Cell IntervalCell(const Row& row) {
  const auto interval = row.IntervalOf("latency_ns.p50");
  if (!interval) return kNone;
  return {fmt::format("{} … {}", TimeText(interval->low), TimeText(interval->high)), interval->low};
}

void AddTable(const Scene& scene, const std::string& model, const std::vector<const Row*>& rows, Section& section) {
  Table table("latency-table" + (scene.rows.models.size() > 1 ? "-" + model : ""), "Every row" + scene.OfModel(model));
  table.Column("Engine").Column("Format").Column("Threads", true).Column("Batch", true);
  table
      .Column(
          "Median", true,
          "of a batch: the median over repetitions of each one's median; ~: of the means, where the samples are too "
          "few")
      .Column("99 % interval", true, "of the median, over repetitions")
      .Column("p90", true)
      .Column("p99", true)
      .Column("Samples/s", true)
      .Column("Peak memory", true)
      .Column("CPUs busy", true);
  std::vector<const Row*> sorted = rows;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Row* a, const Row* b) {
    return std::pair(a->batch, Latency(*a).value_or(0)) < std::pair(b->batch, Latency(*b).value_or(0));
  });
  for (const Row* row : sorted) {
    const auto p90 = row->MedianOfAll("latency_ns.p90"), p99 = row->MedianOfAll("latency_ns.p99");
    const auto rate = row->Median("throughput_per_s"), peak = row->Largest("memory.peak_rss_bytes"),
               busy = row->Median("cpu.utilisation");
    const Subject& subject = scene.SubjectOf(*row);
    const bool converted = !row->Text("conversion.source").empty();
    table.Add({Cell(subject.label).Of(row->subject), Cell(subject.format + (converted ? " *" : "")),
               Cell(std::to_string(row->threads), row->threads), Cell(std::to_string(row->batch), row->batch),
               MedianCell(*row), IntervalCell(*row), Cell(TimeText(p90), p90), Cell(TimeText(p99), p99),
               Cell(RateText(rate), rate), Cell(BytesText(peak), peak), Cell(busy ? Digits(*busy) : kNone, busy)},
              row->ids());
  }
  section.Add(table);
}

}  // namespace

Section LatencySection(const Scene& scene) {
  Section section("latency", "Latency");
  for (const std::string& model : scene.rows.models) {
    const auto rows = LatencyRows(scene, model);
    if (rows.empty()) continue;
    AddSentences(scene, rows, section);
    AddViolins(scene, model, BestOfEach(scene, rows), section);
    AddTable(scene, model, scene.rows.Of("latency", model), section);
  }
  if (section.empty()) {
    section.Absent("No row was measured in the scenario single-stream.");
  } else {
    section.Note(
        "A repetition counts once: tables and cards have the median over repetitions of each one's median. The chart "
        "shows how single samples spread, so it pools them, and its middle may differ from that. How many times as "
        "fast one is as another is the ratio of geometric means over repetitions, since repetitions differ by factors; "
        "its "
        "interval is that of this ratio.");
    section.Note(
        "An asterisk marks a format that Bakeoff converted to, and verified. A dash: too few samples for that "
        "percentile.");
    int64_t taken = 0;
    RunIds runs;
    for (const Row& row : scene.rows.rows) {
      if (row.role != "latency") continue;
      for (const StoredRun* run : row.runs) runs.push_back(run->id);
      taken += std::count_if(row.runs.begin(), row.runs.end(), [](const StoredRun* run) {
        return measure::RealAt(run->record, "reused_from").has_value();
      });
    }
    if (taken > 0)
      section.Note(fmt::format("{} of {} runs were taken over from an earlier campaign: comparisons between them and "
                               "what was measured now are not paired.",
                               taken, runs.size()),
                   runs);
  }
  return section;
}

}  // namespace bakeoff::report
