// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Throughput over batch size, and what an engine does when it may have several requests in flight.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "measure/record.h"
#include "report/scene.h"

namespace bakeoff::report {
namespace {

const measure::Metric& Throughput() {
  return measure::MetricNamed("metric", "throughput");
}

// The rows with the largest budget, by subject and batch.
std::map<size_t, std::vector<const Row*>> ByBatch(const std::vector<const Row*>& rows) {
  int64_t most = 0;
  for (const Row* row : rows) most = std::max(most, row->threads);
  std::map<size_t, std::vector<const Row*>> found;
  for (const Row* row : rows) {
    if (row->threads == most && row->Median("throughput_per_s")) found[row->subject].push_back(row);
  }
  for (auto& [subject, mine] : found)
    std::stable_sort(mine.begin(), mine.end(), [](const Row* a, const Row* b) { return a->batch < b->batch; });
  return found;
}

void AddBatches(const Scene& scene, const std::string& model, Section& section) {
  const auto found = ByBatch(scene.rows.Of("latency", model));
  std::set<int64_t> batches;
  size_t comparisons = 0;
  for (const auto& [subject, rows] : found) {
    for (const Row* row : rows) batches.insert(row->batch);
    comparisons += rows.size() > 1 ? 1 : 0;
  }
  if (batches.size() < 2) {
    section.Note(
        fmt::format("Only one batch size was measured{}: `--batch 1,4,16` would show how throughput grows with it.",
                    scene.OfModel(model)),
        scene.Runs());
    return;
  }
  Chart chart("throughput-batch" + (scene.rows.models.size() > 1 ? "-" + model : ""), "lines",
              "Throughput over batch size" + scene.OfModel(model));
  chart.Axis("x", "batch", "", true).Axis("y", "samples", "/s").Set("ticks", batches);
  std::vector<std::string> texts;
  Findings findings("what the largest batch brings for", kRate);
  for (const auto& [subject, rows] : found) {
    const std::string& label = scene.rows.subjects[subject].label;
    chart.Series(label, static_cast<int>(subject));
    for (const Row* row : rows) {
      const auto interval = row->IntervalOf("throughput_per_s");
      chart.Add({row->batch, row->Median("throughput_per_s").value_or(0),
                 interval ? std::optional(interval->low) : std::nullopt,
                 interval ? std::optional(interval->high) : std::nullopt, row->ids()});
    }
    texts.push_back(fmt::format("{} from {} to {}", label, RateText(rows.front()->Median("throughput_per_s")),
                                RateText(rows.back()->Median("throughput_per_s"))));
    if (rows.size() < 2) continue;
    const Row &least = *rows.front(), &largest = *rows.back();
    // All sentences of this kind together are wrong in at most 1 % of reports.
    const Gain gain = GainOf(largest, least, Throughput(), measure::kAlpha / static_cast<double>(comparisons));
    findings.Add(fmt::format("{} at batch {} ({})", label, largest.batch, Count(largest.threads, "thread")),
                 fmt::format("batch {} ({})", least.batch, Count(least.threads, "thread")), label, gain,
                 Origin(largest.ids()).Add(least.ids()));
  }
  findings.Tell(section);
  chart.Alt(fmt::format("Samples per second at batch sizes {} to {}, with the most threads measured: {}.",
                        *batches.begin(), *batches.rbegin(), And(texts)));
  section.Add(chart);
}

void AddOffline(const Scene& scene, const std::string& model, Section& section) {
  const auto rows = scene.rows.Of("offline", model);
  const Ranking ranking = Rank(rows, Throughput());
  if (ranking.order.empty()) return;
  Chart chart("throughput-offline" + (scene.rows.models.size() > 1 ? "-" + model : ""), "bars",
              "Offline throughput, best setting of each" + scene.OfModel(model));
  chart.Axis("x", "samples", "/s").Axis("y", "").Set("horizontal", true);
  Table table("offline-table" + (scene.rows.models.size() > 1 ? "-" + model : ""),
              "Offline: as many requests in flight as streams" + scene.OfModel(model));
  table.Column("Engine")
      .Column("Threads", true)
      .Column("Streams", true)
      .Column("Batch", true)
      .Column("Samples/s", true)
      .Column("99 % interval", true);
  std::vector<std::string> texts;
  for (const Row* row : ranking.order) {
    const auto rate = row->Median("throughput_per_s");
    const auto interval = row->IntervalOf("throughput_per_s");
    chart.Series(scene.Label(*row), static_cast<int>(row->subject))
        .Add({scene.Label(*row), rate ? Json(*rate) : Json(), interval ? std::optional(interval->low) : std::nullopt,
              interval ? std::optional(interval->high) : std::nullopt, row->ids()});
    texts.push_back(fmt::format("{} {}", scene.Label(*row), RateText(rate)));
  }
  for (const Row* row : rows) {
    const auto rate = row->Median("throughput_per_s");
    const auto interval = row->IntervalOf("throughput_per_s");
    table.Add({Cell(scene.Label(*row)).Of(row->subject), Cell(std::to_string(row->threads), row->threads),
               Cell(std::to_string(row->streams), row->streams), Cell(std::to_string(row->batch), row->batch),
               Cell(RateText(rate), rate),
               interval ? Cell(fmt::format("{} … {}", RateText(interval->low), RateText(interval->high)), interval->low)
                        : Cell(kNone)},
              row->ids());
  }
  chart.Alt("Offline throughput: " + And(texts) + ".");
  section.Add(chart);
  section.Add(table);
  Findings findings(fmt::format("offline, whether {} is ahead of", scene.Label(*ranking.order[0])), kRate);
  for (size_t i = 1; i < ranking.order.size(); ++i) {
    findings.Add(scene.Label(*ranking.order[0]) + " offline", scene.Label(*ranking.order[i]),
                 scene.Label(*ranking.order[i]), ranking.gains[i],
                 Origin(ranking.order[0]->ids()).Add(ranking.order[i]->ids()));
  }
  findings.Tell(section);
}

// A line through the points by least squares: what one more sample takes, and what is there without any.
struct Trend {
  double each = 0, fixed = 0;
};

std::optional<Trend> TrendOf(const std::vector<std::pair<double, double>>& points) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [a, b] : points) {
    n += 1;
    x += a;
    y += b;
    xx += a * a;
    xy += a * b;
  }
  const double scale = n * xx - x * x;
  if (n < 2 || scale <= 0) return std::nullopt;
  const double each = (n * xy - x * y) / scale;
  return Trend{each, (y - each * x) / n};
}

// What one more sample takes in each repetition, as far as its times rise.
std::vector<double> SlopesOf(const std::vector<const Row*>& rows) {
  std::map<int64_t, std::vector<std::pair<double, double>>> points;
  for (const Row* row : rows) {
    for (const StoredRun* run : row->runs) {
      auto total = measure::RealAt(run->record, "wall_ns");
      if (!total) total = measure::RealAt(run->record, "wall_ns");
      const auto repetition = measure::WholeAt(run->record, "repetition");
      if (total && repetition && measure::TextAt(run->record, "status") == "ok")
        points[*repetition].emplace_back(static_cast<double>(row->test_size), *total);
    }
  }
  std::vector<double> slopes;
  for (const auto& [repetition, mine] : points) {
    if (const auto trend = TrendOf(mine); trend && mine.size() == rows.size()) slopes.push_back(trend->each);
  }
  return slopes;
}

struct SizeRow {
  const Row* row;
  double seconds;
};

std::map<size_t, std::vector<SizeRow>> BySize(const std::vector<const Row*>& rows) {
  std::map<size_t, std::map<int64_t, SizeRow>> best;
  for (const Row* row : rows) {
    const auto total = row->Median("wall_ns");
    if (!total || row->test_size <= 0) continue;
    const SizeRow mine{row, *total / 1e9};
    const auto [place, fresh] = best[row->subject].try_emplace(row->test_size, mine);
    if (!fresh && mine.seconds < place->second.seconds) place->second = mine;
  }
  std::map<size_t, std::vector<SizeRow>> found;
  for (const auto& [subject, sizes] : best) {
    for (const auto& [size, row] : sizes) found[subject].push_back(row);
  }
  return found;
}

}  // namespace

Section ThroughputSection(const Scene& scene) {
  Section section("throughput", "Throughput");
  for (const std::string& model : scene.rows.models) {
    if (!scene.rows.Of("latency", model).empty()) AddBatches(scene, model, section);
    AddOffline(scene, model, section);
  }
  if (section.empty()) section.Absent("No throughput was measured.");
  return section;
}

Section SizesSection(const Scene& scene) {
  Section section("test-size", "Time and memory over test size", "Test size");
  for (const std::string& model : scene.rows.models) {
    const auto found = BySize(scene.rows.Of("dataset", model));
    if (found.empty()) continue;
    const std::string suffix = scene.rows.models.size() > 1 ? "-" + model : "";
    Chart time("size-time" + suffix, "bars", "Inference of the whole test set" + scene.OfModel(model));
    time.Axis("x", "pictures").Axis("y", "time", "s");
    Chart memory("size-memory" + suffix, "lines", "Peak memory over test size" + scene.OfModel(model));
    memory.Axis("x", "pictures").Axis("y", "peak memory", "MiB");
    Table table("size-table" + suffix, "Time and memory over test size" + scene.OfModel(model));
    table.Column("Engine")
        .Column("Pictures", true)
        .Column("Threads", true)
        .Column("Batch", true)
        .Column("Time", true)
        .Column("With pre-processing", true)
        .Column("Pictures/s", true)
        .Column("Peak memory", true);
    std::set<int64_t> sizes;
    std::vector<double> prepared;
    Origin of_all;
    double slowest = 0, quickest = 0;
    std::vector<std::string> texts;
    Json trends = Json::array();
    for (const auto& [subject, rows] : found) {
      const std::string& label = scene.rows.subjects[subject].label;
      time.Series(label, static_cast<int>(subject));
      memory.Series(label, static_cast<int>(subject));
      std::vector<std::pair<double, double>> points;
      Origin origin;
      for (const SizeRow& each : rows) {
        const Row& row = *each.row;
        sizes.insert(row.test_size);
        points.emplace_back(static_cast<double>(row.test_size), each.seconds);
        slowest = std::max(slowest, each.seconds);
        quickest = quickest > 0 ? std::min(quickest, each.seconds) : each.seconds;
        origin.Add(row.ids());
        time.Add({row.test_size, each.seconds, {}, {}, row.ids()});
        const auto peak = row.Largest("memory.peak_rss_bytes"), before = row.Median("dataset.preprocess_ns");
        if (before) prepared.push_back(*before / static_cast<double>(row.test_size));
        if (peak) memory.Add({row.test_size, *peak / (1 << 20), {}, {}, row.ids()});
        table.Add({Cell(label).Of(subject), Cell(std::to_string(row.test_size), row.test_size),
                   Cell(std::to_string(row.threads), row.threads), Cell(std::to_string(row.batch), row.batch),
                   Cell(TimeText(each.seconds * 1e9), each.seconds),
                   before ? Cell(TimeText(each.seconds * 1e9 + *before), each.seconds + *before / 1e9) : Cell(kNone),
                   Cell(RateText(static_cast<double>(row.test_size) / each.seconds),
                        static_cast<double>(row.test_size) / each.seconds),
                   Cell(BytesText(peak), peak)},
                  row.ids());
      }
      of_all.Add(origin);
      const auto trend = TrendOf(points);
      if (!trend) continue;
      Json line{{"subject", subject}, {"each", Rounded(trend->each)}, {"fixed", Rounded(trend->fixed)}};
      line.update(OriginJson(origin));
      trends.push_back(line);
      texts.push_back(fmt::format("{} {} per picture", label, TimeText(trend->each * 1e9)));
      std::vector<const Row*> mine;
      for (const SizeRow& each : rows) mine.push_back(each.row);
      const auto slopes = SlopesOf(mine);
      const bool rising = std::all_of(slopes.begin(), slopes.end(), [](double slope) { return slope > 0; });
      const auto interval = rising ? core::GeometricInterval(slopes) : std::nullopt;
      // Over more than a factor of ten either way it says nothing.
      const bool told = interval && interval->high <= 100 * interval->low;
      if (trend->each <= 0) {
        section.Say(
            fmt::format(
                "{}: its times do not rise with the size of the test set: what one picture takes cannot be told.",
                label),
            origin);
        continue;
      }
      section.Say(
          fmt::format("{}: each picture more takes {}{}.", label, TimeText(trend->each * 1e9),
                      told ? fmt::format(" (99 % interval {} to {})", TimeText(interval->low), TimeText(interval->high))
                           : ", by the line through the medians; no interval can be given"),
          origin);
    }
    if (const auto each = core::Median(prepared)) {
      section.Say(fmt::format("Reading and pre-processing come to {} per picture on top (median over the rows), in one "
                              "thread and by the same code for every engine.",
                              TimeText(each)),
                  of_all);
    }
    // Where an engine takes a hundred times as long as another, bars of the others would not be seen.
    if (slowest > 30 * quickest) time.Axis("y", "time, logarithmic", "s", true);
    time.Set("ticks", sizes).Set("trends", trends);
    memory.Set("ticks", sizes);
    time.Alt("Time for inference of the whole test set at several sizes, with a trend line for each engine: " +
             And(texts) + ".");
    memory.Alt("Peak memory of the worker at several sizes of the test set; the table below has the numbers.");
    section.Add(time);
    if (sizes.size() > 1) section.Add(memory);
    section.Add(table);
  }
  if (section.empty())
    section.Absent(
        "Not measured: the scenario `dataset` (`bench MODEL --scenario dataset --test-size 100,1000`) is what this "
        "section shows.");
  return section;
}

}  // namespace bakeoff::report
