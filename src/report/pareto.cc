// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which rows nothing else beats in latency, memory and accuracy at once.
#include <fmt/format.h>

#include <algorithm>

#include "report/scene.h"

namespace bakeoff::report {
namespace {

struct Candidate {
  const Row* row;
  double latency, memory;
  const Accuracy* accuracy;  // nullptr: not evaluated
};

// By the measured medians; what is within the noise of another may change places.
bool Beats(const Candidate& a, const Candidate& b, bool with_accuracy) {
  const double top_a = with_accuracy ? a.accuracy->top1.value_or(0) : 0,
               top_b = with_accuracy ? b.accuracy->top1.value_or(0) : 0;
  return a.latency <= b.latency && a.memory <= b.memory && top_a >= top_b &&
         (a.latency < b.latency || a.memory < b.memory || top_a > top_b);
}

void AddModel(const Scene& scene, const std::string& model, const std::vector<Accuracy>& accuracies, Section& section) {
  std::vector<Candidate> all;
  for (const Row* row : LatencyRows(scene, model)) {
    const auto memory = row->Largest("memory.peak_rss_bytes");
    if (memory) all.push_back({row, Latency(*row).value_or(0), *memory, AccuracyOf(accuracies, scene.SubjectOf(*row))});
  }
  if (all.size() < 2) return;
  const bool with_accuracy =
      std::all_of(all.begin(), all.end(), [](const Candidate& each) { return each.accuracy != nullptr; });
  const std::string suffix = scene.rows.models.size() > 1 ? "-" + model : "";
  Chart chart("pareto" + suffix, "scatter",
              fmt::format("Latency against memory{}{}", with_accuracy ? ", with accuracy" : "", scene.OfModel(model)));
  double low = all[0].latency, high = low;
  for (const Candidate& each : all) {
    low = std::min(low, each.latency);
    high = std::max(high, each.latency);
  }
  double least = all[0].memory, most = least;
  for (const Candidate& each : all) {
    least = std::min(least, each.memory);
    most = std::max(most, each.memory);
  }
  chart.Axis("x", "latency", "ms", high / low > 6).Axis("y", "peak memory", "MiB", most / least > 6);
  Table table("pareto-table" + suffix, "Rows that nothing else beats in everything" + scene.OfModel(model));
  table.Column("Engine").Column("Threads", true).Column("Latency", true).Column("Peak memory", true);
  if (with_accuracy) table.Column("Top-1", true);
  std::vector<const Candidate*> front;
  for (const Candidate& each : all) {
    const bool beaten =
        std::any_of(all.begin(), all.end(), [&](const Candidate& other) { return Beats(other, each, with_accuracy); });
    Origin origin(each.row->ids());
    if (with_accuracy) origin.Add(each.accuracy->step->file);
    const std::string name = fmt::format("{}, {}", scene.Label(*each.row), Count(each.row->threads, "thread"));
    Json point{{"x", Rounded(each.latency / 1e6)},
               {"y", Rounded(each.memory / (1 << 20))},
               {"name", name},
               {"front", !beaten}};
    if (with_accuracy) point["accuracy"] = Rounded(each.accuracy->top1.value_or(0));
    chart.Series(name, static_cast<int>(each.row->subject)).AddRaw(std::move(point), origin);
    if (!beaten) front.push_back(&each);
  }
  std::stable_sort(front.begin(), front.end(),
                   [](const Candidate* a, const Candidate* b) { return a->latency < b->latency; });
  std::vector<std::string> names;
  Origin origin;
  for (const Candidate* each : front) {
    names.push_back(fmt::format("{} ({})", scene.Label(*each->row), Count(each->row->threads, "thread")));
    Origin own(each->row->ids());
    std::vector<Cell> cells{Cell(scene.Label(*each->row)).Of(each->row->subject),
                            Cell(std::to_string(each->row->threads), each->row->threads),
                            Cell(TimeText(each->latency), each->latency), Cell(BytesText(each->memory), each->memory)};
    if (with_accuracy) {
      cells.emplace_back(PercentText(each->accuracy->top1), each->accuracy->top1);
      own.Add(each->accuracy->step->file);
    }
    origin.Add(own);
    table.Add(std::move(cells), own);
  }
  section.Say(fmt::format("By the measured values, {} {} beaten by no other row in {} at once.", And(names),
                          names.size() == 1 ? "is" : "are",
                          with_accuracy ? "latency, memory and accuracy" : "latency and memory"),
              origin);
  chart.Alt(
      fmt::format("Latency on the horizontal axis, peak memory on the vertical one; nearer to the lower left is "
                  "better. At the front: {}.",
                  And(names)));
  section.Add(chart);
  section.Add(table);
  if (!with_accuracy)
    section.Note("Accuracy is left out: not every engine was evaluated on labelled pictures (`bakeoff eval`).");
}

}  // namespace

Section ParetoSection(const Scene& scene) {
  Section section("pareto", "Trade-offs");
  const auto accuracies = Accuracies(scene);
  for (const std::string& model : scene.rows.models) AddModel(scene, model, accuracies, section);
  if (section.empty()) section.Absent("There are not two rows with latency and memory to set against each other.");
  return section;
}

}  // namespace bakeoff::report
