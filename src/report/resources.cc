// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Memory by phase, CPU, energy, and what loading takes.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "measure/record.h"
#include "report/scene.h"

namespace bakeoff::report {
namespace {

using measure::At;
using measure::RealAt;
using measure::TextAt;

std::string Suffix(const Scene& scene, const std::string& model) {
  return scene.rows.models.size() > 1 ? "-" + model : "";
}

struct Phase {
  const char* name;
  std::string_view field;
};
constexpr std::array kPhases = {Phase{"loading", "memory.load_peak_rss_bytes"},
                                Phase{"first inference", "memory.first_peak_rss_bytes"},
                                Phase{"steady state", "memory.steady_peak_rss_bytes"}};

void AddMemory(const Scene& scene, const std::string& model, Section& section) {
  const auto best = BestOfEach(scene, LatencyRows(scene, model));
  Chart chart("memory-phases" + Suffix(scene, model), "bars", "Peak memory by phase" + scene.OfModel(model));
  chart.Axis("x", "peak resident memory", "MiB").Axis("y", "").Set("horizontal", true).Set("grouped", true);
  Table table("memory-table" + Suffix(scene, model), "Memory" + scene.OfModel(model));
  table.Column("Engine")
      .Column("Loading", true, "peak")
      .Column("First inference", true, "peak")
      .Column("Steady", true, "peak");
  table.Column("PSS", true, "shared pages count by the number of their users")
      .Column("USS", true, "pages of this process alone")
      .Column("Growth", true, "per inference, after the timed part");
  for (const Phase& phase : kPhases) {
    chart.Series(phase.name, -1);
    for (const Row* row : best) {
      if (const auto bytes = row->Largest(phase.field))
        chart.Add({scene.Label(*row), *bytes / (1 << 20), {}, {}, row->ids()});
    }
  }
  std::vector<std::string> texts;
  for (const Row* row : best) {
    std::vector<Cell> cells{Cell(scene.Label(*row)).Of(row->subject)};
    for (const Phase& phase : kPhases) {
      const auto bytes = row->Largest(phase.field);
      cells.emplace_back(BytesText(bytes), bytes);
    }
    for (const std::string_view field : {"memory.steady_pss_bytes", "memory.steady_uss_bytes"}) {
      const auto bytes = row->Median(field);
      cells.emplace_back(BytesText(bytes), bytes);
    }
    const auto low = row->Median("memory.growth_low_bytes");
    const auto slope = row->Median("memory.growth_per_inference_bytes");
    // As the console's note has it: a leak is one where the interval leaves out zero by something that matters.
    const bool grows = low && *low > 0 && slope && *slope >= 1;
    cells.push_back(!slope  ? Cell(kNone)
                    : grows ? Cell(BytesText(slope), slope).Toned("bad")
                            : Cell("none proved", 0.0));
    table.Add(std::move(cells), row->ids());
    texts.push_back(fmt::format("{} {}", scene.Label(*row), BytesText(row->Largest("memory.peak_rss_bytes"))));
  }
  if (chart.empty()) return;
  const Ranking ranking = Rank(LatencyRows(scene, model), measure::MetricNamed("metric", "memory"));
  Findings findings(fmt::format("whether {} needs less memory than", scene.Label(*ranking.order[0])), kMemory);
  for (size_t i = 1; i < ranking.order.size(); ++i) {
    findings.Add(scene.Label(*ranking.order[0]), scene.Label(*ranking.order[i]), scene.Label(*ranking.order[i]),
                 ranking.gains[i], Origin(ranking.order[0]->ids()).Add(ranking.order[i]->ids()));
  }
  findings.Tell(section);
  chart.Alt(
      "Peak resident memory while loading, during the first inference and in the steady state; the largest of each: " +
      And(texts) + ".");
  section.Add(chart);
  section.Add(table);
}

void AddCpuOverTime(const Scene& scene, const std::vector<const Row*>& best, const std::string& suffix,
                    Section& section) {
  Chart chart("cpu-time" + suffix, "lines", "CPUs busy over time");
  chart.Axis("x", "time", "s").Axis("y", "CPUs busy").Set("plain", true);
  for (const Row* row : best) {
    for (const StoredRun* run : row->runs) {
      const Json& points = At(run->record, "cpu.over_time");
      if (!points.is_array() || points.empty()) continue;
      chart.Series(scene.Label(*row), static_cast<int>(row->subject));
      // Each point says how it was until then, from the one before.
      if (const auto first = RealAt(points.front(), "utilisation")) chart.Add({0, *first, {}, {}, RunIds{run->id}});
      for (const Json& point : points) {
        const auto at = RealAt(point, "at_ns"), busy = RealAt(point, "utilisation");
        if (at && busy) chart.Add({*at / 1e9, *busy, {}, {}, RunIds{run->id}});
      }
      break;  // one repetition stands for the others
    }
  }
  if (chart.empty()) {
    section.Note("CPU use over time was not recorded by the version that measured; the table has the means.");
    return;
  }
  chart.Alt("CPUs busy during the timed part, one repetition for each engine; the table has the means.");
  section.Add(chart);
}

void AddCpu(const Scene& scene, const std::string& model, Section& section) {
  const auto best = BestOfEach(scene, LatencyRows(scene, model));
  if (best.empty()) return;
  Chart chart("cpu-busy" + Suffix(scene, model), "bars", "CPUs busy" + scene.OfModel(model));
  chart.Axis("x", "CPU time / wall time", "CPUs").Axis("y", "").Set("horizontal", true);
  Table table("cpu-table" + Suffix(scene, model), "CPU" + scene.OfModel(model));
  table.Column("Engine")
      .Column("Threads", true)
      .Column("CPUs busy", true)
      .Column("Busy threads", true, "with at least a tenth of the CPU time");
  table.Column("CPU per inference", true)
      .Column("Switches", true, "context switches of the timed part")
      .Column("Instructions", true, "per inference")
      .Column("Instr./cycle", true);
  std::vector<std::string> texts;
  for (const Row* row : best) {
    const auto busy = row->Median("cpu.utilisation"), threads = row->Median("cpu.threads_busy");
    std::vector<double> each, instructions, per_cycle;
    for (const StoredRun* run : row->runs) {
      const auto samples = RealAt(run->record, "samples"), time = RealAt(run->record, "cpu.time_ns"),
                 count = RealAt(run->record, "cpu.instructions"), cycles = RealAt(run->record, "cpu.cycles");
      if (samples && *samples > 0 && time) each.push_back(*time / *samples);
      if (samples && *samples > 0 && count) instructions.push_back(*count / *samples);
      if (count && cycles && *cycles > 0) per_cycle.push_back(*count / *cycles);
    }
    const auto voluntary = row->Median("cpu.voluntary_switches"), forced = row->Median("cpu.involuntary_switches");
    const auto switches = voluntary && forced ? std::optional(*voluntary + *forced) : std::nullopt;
    const auto cost = core::Median(each), work = core::Median(instructions), pace = core::Median(per_cycle);
    if (busy) {
      chart.Series(scene.Label(*row), static_cast<int>(row->subject))
          .Add({scene.Label(*row), *busy, {}, {}, row->ids()});
      texts.push_back(fmt::format("{} {}", scene.Label(*row), Digits(*busy)));
    }
    table.Add(
        {Cell(scene.Label(*row)).Of(row->subject), Cell(std::to_string(row->threads), row->threads),
         Cell(busy ? Digits(*busy) : kNone, busy),
         Cell(threads ? Digits(*threads) : kNone, threads)
             .Toned(threads && *threads > static_cast<double>(row->threads) ? "bad" : ""),
         Cell(TimeText(cost), cost), Cell(switches ? fmt::format("{:.0f}", *switches) : kNone, switches),
         Cell(work ? fmt::format("{:.3g} M", *work / 1e6) : kNone, work), Cell(pace ? Digits(*pace) : kNone, pace)},
        row->ids());
  }
  AddCpuOverTime(scene, best, Suffix(scene, model), section);
  chart.Alt("CPU time divided by wall time in the timed part: " + And(texts) + ".");
  section.Add(chart);
  section.Add(table);
  for (const StoredRun& run : scene.source.runs) {
    if (std::string reason = TextAt(run.record, "cpu.counters_reason"); !reason.empty()) {
      section.Note("Instructions and cycles: " + reason + ".", RunIds{run.id});
      break;
    }
  }
}

}  // namespace

Section MemorySection(const Scene& scene) {
  Section section("memory", "Memory");
  for (const std::string& model : scene.rows.models) AddMemory(scene, model, section);
  if (section.empty()) section.Absent("No row has memory readings.");
  return section;
}

Section CpuSection(const Scene& scene) {
  Section section("cpu", "CPU");
  for (const std::string& model : scene.rows.models) AddCpu(scene, model, section);
  if (section.empty()) section.Absent("No row has CPU readings.");
  return section;
}

Section EnergySection(const Scene& scene) {
  Section section("energy", "Energy");
  for (const std::string& model : scene.rows.models) {
    std::vector<const Row*> rows = scene.rows.Of("latency", model);
    for (const Row* row : scene.rows.Of("offline", model)) rows.push_back(row);
    std::erase_if(rows, [](const Row* row) { return !row->Median("energy.joules_per_inference"); });
    if (rows.empty()) continue;
    const Ranking ranking = Rank(rows, measure::MetricNamed("metric", "energy"));
    Chart chart("energy" + Suffix(scene, model), "bars",
                "Energy per inference, best setting of each" + scene.OfModel(model));
    chart.Axis("x", "energy per inference, above idle", "J").Axis("y", "").Set("horizontal", true);
    Table table("energy-table" + Suffix(scene, model), "Energy" + scene.OfModel(model));
    table.Column("Engine")
        .Column("Threads", true)
        .Column("Batch", true)
        .Column("Per inference", true)
        .Column("Samples per joule", true)
        .Column("Idle", true)
        .Column("Under load", true)
        .Column("Read from");
    std::vector<std::string> texts;
    for (const Row* row : ranking.order) {
      const auto joules = row->Median("energy.joules_per_inference");
      chart.Series(scene.Label(*row), static_cast<int>(row->subject))
          .Add({scene.Label(*row), joules.value_or(0), {}, {}, row->ids()});
      texts.push_back(fmt::format("{} {}", scene.Label(*row), JoulesText(joules)));
    }
    for (const Row* row : rows) {
      const auto joules = row->Median("energy.joules_per_inference"), idle = row->Median("energy.idle_w"),
                 load = row->Median("energy.load_w");
      const double per_joule = static_cast<double>(row->batch) / joules.value_or(1);
      table.Add({Cell(scene.Label(*row)).Of(row->subject), Cell(std::to_string(row->threads), row->threads),
                 Cell(std::to_string(row->batch), row->batch), Cell(JoulesText(joules), joules),
                 Cell(Digits(per_joule), per_joule), Cell(idle ? Digits(*idle) + " W" : kNone, idle),
                 Cell(load ? Digits(*load) + " W" : kNone, load), Cell(row->Text("energy.source"))},
                row->ids());
    }
    Findings findings(fmt::format("whether {} needs less energy than", scene.Label(*ranking.order[0])), kEnergy);
    for (size_t i = 1; i < ranking.order.size(); ++i)
      findings.Add(scene.Label(*ranking.order[0]), scene.Label(*ranking.order[i]), scene.Label(*ranking.order[i]),
                   ranking.gains[i], Origin(ranking.order[0]->ids()).Add(ranking.order[i]->ids()));
    findings.Tell(section);
    chart.Alt("Energy of one inference above idle: " + And(texts) + ".");
    section.Add(chart);
    section.Add(table);
  }
  if (!section.empty()) return section;
  for (const StoredRun& run : scene.source.runs) {
    if (std::string reason = TextAt(run.record, "energy.reason"); !reason.empty()) {
      section.Absent("Not measured: " + reason + ".", RunIds{run.id});
      return section;
    }
  }
  section.Absent("Not measured.");
  return section;
}

Section LoadSection(const Scene& scene) {
  Section section("load", "Loading and first inference", "Loading");
  for (const std::string& model : scene.rows.models) {
    const auto best = BestOfEach(scene, LatencyRows(scene, model));
    Chart chart("load" + Suffix(scene, model), "bars", "From nothing to the first answer" + scene.OfModel(model));
    chart.Axis("x", "time", "ms").Axis("y", "").Set("horizontal", true).Set("stacked", true);
    Table table("load-table" + Suffix(scene, model), "Loading" + scene.OfModel(model));
    table.Column("Engine")
        .Column("Loading", true)
        .Column("First inference", true)
        .Column("Steady median", true)
        .Column("First / steady", true);
    std::vector<std::string> texts;
    for (const auto& [name, field] :
         {std::pair("loading and compiling", "load_ns"), std::pair("first inference", "first_inference_ns")}) {
      chart.Series(name, -1);
      for (const Row* row : best) {
        if (const auto time = row->Median(field)) chart.Add({scene.Label(*row), *time / 1e6, {}, {}, row->ids()});
      }
    }
    for (const Row* row : best) {
      const auto load = row->Median("load_ns"), first = row->Median("first_inference_ns"), steady = Latency(*row);
      const auto ratio = first && steady && *steady > 0 ? std::optional(*first / *steady) : std::nullopt;
      table.Add({Cell(scene.Label(*row)).Of(row->subject), Cell(TimeText(load), load), Cell(TimeText(first), first),
                 Cell(TimeText(steady), steady), Cell(ratio ? RatioText(*ratio) : kNone, ratio)},
                row->ids());
      texts.push_back(fmt::format("{} {} and {}", scene.Label(*row), TimeText(load), TimeText(first)));
    }
    if (chart.empty()) continue;
    const Ranking ranking = Rank(LatencyRows(scene, model), measure::MetricNamed("metric", "load"));
    static constexpr Wording kLoading{"times as quick to load as", "quickest to load", "loading time"};
    if (ranking.order.empty()) continue;
    Findings findings(fmt::format("whether {} loads in less time than", scene.Label(*ranking.order[0])), kLoading);
    for (size_t i = 1; i < ranking.order.size(); ++i)
      findings.Add(scene.Label(*ranking.order[0]), scene.Label(*ranking.order[i]), scene.Label(*ranking.order[i]),
                   ranking.gains[i], Origin(ranking.order[0]->ids()).Add(ranking.order[i]->ids()));
    findings.Tell(section);
    chart.Alt("Time of loading and of the first inference: " + And(texts) + ".");
    section.Add(chart);
    section.Add(table);
  }
  if (section.empty()) section.Absent("No row has load times.");
  return section;
}

}  // namespace bakeoff::report
