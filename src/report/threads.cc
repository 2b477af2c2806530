// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What more threads buy: speed-up beside the ideal, and efficiency.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/scene.h"

namespace bakeoff::report {
namespace {

void AddModel(const Scene& scene, const std::string& model, Section& section) {
  std::map<size_t, std::map<int64_t, const Row*>> found;
  std::set<int64_t> threads;
  for (const Row* row : LatencyRows(scene, model)) {
    found[row->subject].try_emplace(row->threads, row);
    threads.insert(row->threads);
  }
  std::erase_if(found, [](const auto& entry) { return entry.second.size() < 2; });
  if (found.empty() || threads.size() < 2) return;
  const std::string suffix = scene.rows.models.size() > 1 ? "-" + model : "";
  Chart chart("threads-speedup" + suffix, "lines", "Speed-up over threads" + scene.OfModel(model));
  chart.Axis("x", "threads").Axis("y", "times as fast as with the fewest").Set("ticks", threads);
  Chart share("threads-efficiency" + suffix, "lines", "Efficiency" + scene.OfModel(model));
  share.Axis("x", "threads").Axis("y", "speed-up / threads", "%").Set("ticks", threads);
  Table table("threads-table" + suffix, "Scaling" + scene.OfModel(model));
  table.Column("Engine")
      .Column("Threads", true)
      .Column("Median", true)
      .Column("Speed-up", true)
      .Column("99 % interval", true)
      .Column("Efficiency", true)
      .Column("CPUs busy", true);
  Findings findings("what more threads bring for", kFast);
  size_t comparisons = 0;
  for (const auto& [subject, rows] : found) comparisons += rows.size() - 1;
  std::vector<std::string> texts;
  for (const auto& [subject, rows] : found) {
    const std::string& label = scene.rows.subjects[subject].label;
    const Row& base = *rows.begin()->second;
    chart.Series(label, static_cast<int>(subject));
    share.Series(label, static_cast<int>(subject));
    for (const auto& [count, row] : rows) {
      const double budget = static_cast<double>(count) / static_cast<double>(base.threads);
      const auto busy = row->Median("cpu.utilisation");
      if (row == &base) {
        chart.Add({count, 1, {}, {}, base.ids()});
        share.Add({count, 100, {}, {}, base.ids()});
        table.Add(
            {Cell(label).Of(subject), Cell(std::to_string(count), count), Cell(TimeText(Latency(base)), Latency(base)),
             Cell("1", 1), kNone, Cell("100 %", 1), Cell(busy ? Digits(*busy) : kNone, busy)},
            base.ids());
        continue;
      }
      // Together the sentences of this section are wrong in at most 1 % of reports.
      const Gain gain = LatencyGain(*row, base, measure::kAlpha / static_cast<double>(comparisons));
      if (!gain.ratio) continue;
      const Origin origin = Origin(row->ids()).Add(base.ids());
      chart.Add({count, *gain.ratio, gain.low, gain.high, origin});
      share.Add({count, 100 * *gain.ratio / budget, {}, {}, origin});
      table.Add(
          {Cell(label).Of(subject), Cell(std::to_string(count), count), Cell(TimeText(Latency(*row)), Latency(*row)),
           Cell(RatioText(*gain.ratio), gain.ratio),
           gain.low && gain.high ? Cell(fmt::format("{} … {}", RatioText(*gain.low), RatioText(*gain.high)), gain.low)
                                 : Cell(kNone),
           Cell(PercentText(*gain.ratio / budget), *gain.ratio / budget), Cell(busy ? Digits(*busy) : kNone, busy)},
          origin);
      if (row != rows.rbegin()->second) continue;
      texts.push_back(fmt::format("{} {}", label, RatioText(*gain.ratio)));
      findings.Add(fmt::format("{} with {}", label, Count(count, "thread")),
                   fmt::format("with {}", Count(base.threads, "thread")), label, gain, origin);
    }
  }
  findings.Tell(section);
  const int64_t least = *threads.begin();
  chart.Ideal();
  share.Ideal();
  for (const int64_t count : threads) {
    chart.Add({count, static_cast<double>(count) / static_cast<double>(least), {}, {}, {}});
    share.Add({count, 100, {}, {}, {}});
  }
  chart.Alt(fmt::format("Speed-up from {} to {} threads beside the ideal of {}: {}.", least, *threads.rbegin(),
                        RatioText(static_cast<double>(*threads.rbegin()) / static_cast<double>(least)), And(texts)));
  share.Alt("Speed-up divided by the number of threads, in per cent; 100 is ideal. The table has the numbers.");
  section.Add(chart);
  section.Add(share);
  section.Add(table);
}

}  // namespace

Section ThreadsSection(const Scene& scene) {
  Section section("threads", "Threads");
  for (const std::string& model : scene.rows.models) AddModel(scene, model, section);
  if (section.empty())
    section.Absent("Only one number of threads was measured: `--threads 1,2,4` shows what more of them buy.");
  return section;
}

}  // namespace bakeoff::report
