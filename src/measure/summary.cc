// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Medians over repetitions, ranking within comparable rows.
#include "measure/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/error_json.h"
#include "core/statistics.h"

namespace bakeoff::measure {
namespace {

struct Range {
  bool known = false;
  double low = 0, high = 0, middle = 0;
};

auto KeyOf(const Configuration& row) {
  return std::tie(row.model, row.artifact.path, row.engine, row.scenario, row.device, row.precision, row.threads,
                  row.streams, row.batch, row.qps, row.samples_per_query, row.test_size, row.options);
}

bool HasSpeed(const Run& run) {
  return run.samples > 0;
}

template <typename Get>
std::vector<double> Collect(const std::vector<const Run*>& runs, Get get) {
  std::vector<double> values;
  for (const Run* run : runs) {
    if (const auto value = get(*run)) values.push_back(static_cast<double>(*value));
  }
  return values;
}

template <typename Get>
std::optional<double> MedianOf(const std::vector<const Run*>& runs, Get get) {
  return core::Median(Collect(runs, get));
}

// A percentile of the configuration exists only where every repetition supports it: repetitions that are fast enough to
// have it are the fast ones, and their median alone could lie below p50.
template <typename Get>
std::optional<double> MedianOfAll(const std::vector<const Run*>& runs, Get get) {
  const std::vector<double> values = Collect(runs, get);
  return values.size() == runs.size() ? core::Median(values) : std::nullopt;
}

std::optional<double> Peak(const Run& run) {
  std::optional<double> peak;
  for (const auto& bytes : {run.load_peak_rss_bytes, run.first_peak_rss_bytes, run.steady_peak_rss_bytes}) {
    if (bytes) peak = std::max(peak.value_or(0), static_cast<double>(*bytes));
  }
  return peak;
}

// Known where every repetition has it.
Range RankRange(const std::vector<const Run*>& runs, RankBy by) {
  const auto values = Collect(runs, [by](const Run& run) { return RankOf(run, by); });
  const auto middle = core::Median(values);
  if (!middle || values.size() != runs.size()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {true, *low, *high, *middle};
}

std::string NoteFor(const std::vector<const Run*>& runs) {
  for (const Run* run : runs) {
    if (run->check && run->check->verdict == verify::Verdict::kWeak) return run->check->reason;
  }
  for (const Run* run : runs) {
    if (run->status == RunStatus::kSaturated && run->open_loop)
      return fmt::format("saturated: {:.0f} of {:.0f} queries per second were answered: ask for less (--qps)",
                         run->open_loop->achieved_per_s.value_or(0), run->open_loop->offered_per_s.value_or(0));
  }
  for (const Run* run : runs) {
    if (std::string note = ContentionNote(run->metered); !note.empty()) return note;
  }
  for (const Run* run : runs) {
    if (HasSpeed(*run) && run->warmup_steady == false)
      return "run times had not become steady when the warm-up ended (--warmup)";
  }
  for (const Run* run : runs) {
    if (run->threads_busy && *run->threads_busy > run->configuration.threads)
      return fmt::format("{} threads were busy, --threads is {}: they share its CPUs", *run->threads_busy,
                         run->configuration.threads);
  }
  for (const Run* run : runs) {
    if (std::string note = GrowthNote(run->metered); !note.empty()) return note;
  }
  // More than half of the repetitions: one may have been disturbed.
  const auto most = [&](const auto& holds) {
    return 2 * std::count_if(runs.begin(), runs.end(), holds) > static_cast<std::ptrdiff_t>(runs.size());
  };
  if (most([](const Run* run) { return run->stability.drift && run->stability.drift->significant; })) {
    const auto changes = Collect(runs, [](const Run& run) {
      return run.stability.drift ? std::optional(run.stability.drift->change) : std::nullopt;
    });
    return fmt::format("run times drift by {:+.0f} % while they are measured: longer runs would give another median",
                       100 * core::Median(changes).value_or(0));
  }
  if (most([](const Run* run) { return run->stability.modes.has_value(); })) {
    for (const Run* run : runs) {
      if (!run->stability.modes) continue;
      const core::Modes& modes = *run->stability.modes;
      return fmt::format("run times are of two kinds, about {:.3g} and {:.3g} us ({:.0f} %): no median tells both",
                         modes.low_ns / 1e3, modes.high_ns / 1e3, 100 * modes.high_share);
    }
  }
  // From a twentieth of the time on, mean and rate tell another story than the median.
  constexpr double kMuch = 0.05;
  if (most([](const Run* run) { return run->stability.outliers && run->stability.outliers->time_share >= kMuch; })) {
    const auto shares = Collect(runs, [](const Run& run) {
      return run.stability.outliers ? std::optional(run.stability.outliers->time_share) : std::nullopt;
    });
    // In steps, so that rows which a busy machine disturbed alike share a note; the row's record has the number.
    const double share = core::Median(shares).value_or(0), tenths = std::floor(share * 10 + 1e-9);
    return fmt::format(
        "{:.0f} % of the time or more went to outliers: mean and rate have them in, the median does not show them",
        tenths > 0 ? 10 * tenths : 100 * kMuch);
  }
  return "";
}

Summary SummaryOf(const Configuration& configuration, const std::vector<const Run*>& runs) {
  Summary summary;
  summary.configuration = configuration;
  summary.repetitions = static_cast<int>(runs.size());
  std::vector<const Run*> measured;
  for (const Run* run : runs) {
    if (HasSpeed(*run)) measured.push_back(run);
    if (Severity(run->status) > Severity(summary.status)) {
      summary.status = run->status;
      summary.error = run->error;
    }
    summary.samples += run->samples;
    summary.batch = run->batch;
  }
  summary.measured = static_cast<int>(measured.size());
  summary.p50_ns = MedianOfAll(measured, [](const Run& run) { return run.latency.p50; });
  summary.p90_ns = MedianOfAll(measured, [](const Run& run) { return run.latency.p90; });
  summary.p99_ns = MedianOfAll(measured, [](const Run& run) { return run.latency.p99; });
  summary.mean_ns = MedianOfAll(measured, [](const Run& run) { return run.latency.mean; });
  summary.throughput_per_s = MedianOf(measured, [](const Run& run) { return run.throughput_per_s; });
  summary.wall_ns = MedianOf(measured, [](const Run& run) { return run.wall_ns; });
  summary.preprocess_ns = MedianOf(measured, [](const Run& run) { return run.preprocess_ns; });
  summary.offered_per_s =
      MedianOf(measured, [](const Run& run) { return run.open_loop ? run.open_loop->offered_per_s : std::nullopt; });
  summary.achieved_per_s =
      MedianOf(measured, [](const Run& run) { return run.open_loop ? run.open_loop->achieved_per_s : std::nullopt; });
  for (const Run* run : measured) {
    if (!run->open_loop || !run->open_loop->bound_met) continue;
    summary.bound_ns = run->open_loop->bound_ns;
    if (*run->open_loop->bound_met) ++summary.bound_proved;
  }
  summary.late_share =
      MedianOf(measured, [](const Run& run) { return run.open_loop ? run.open_loop->late_share : std::nullopt; });
  summary.load_ns = MedianOf(runs, [](const Run& run) { return run.load_ns; });
  summary.first_inference_ns = MedianOf(runs, [](const Run& run) { return run.first_inference_ns; });
  summary.utilisation = MedianOf(measured, [](const Run& run) {
    return run.cpu_ns && run.wall_ns.value_or(0) > 0
               ? std::optional(static_cast<double>(*run.cpu_ns) / static_cast<double>(*run.wall_ns))
               : std::nullopt;
  });
  const auto peaks = Collect(runs, Peak);
  if (!peaks.empty()) summary.peak_rss_bytes = *std::max_element(peaks.begin(), peaks.end());
  // Of the logarithms, as verdicts are made.
  if (const auto medians = Collect(measured, [](const Run& run) { return run.latency.p50; });
      medians.size() == measured.size()) {
    if (const auto interval = core::GeometricInterval(medians)) {
      summary.p50_low_ns = interval->low;
      summary.p50_high_ns = interval->high;
    }
  }
  if (const auto rates = Collect(measured, [](const Run& run) { return run.throughput_per_s; });
      rates.size() == measured.size()) {
    if (const auto interval = core::GeometricInterval(rates)) {
      summary.throughput_low_per_s = interval->low;
      summary.throughput_high_per_s = interval->high;
    }
  }
  summary.note = NoteFor(runs);
  return summary;
}

}  // namespace

std::optional<double> RankOf(const Run& run, RankBy by) {
  if (by == RankBy::kThroughput) return run.throughput_per_s;
  const auto& latency = by == RankBy::kP99 ? run.latency.p99 : by == RankBy::kP50 ? run.latency.p50 : run.latency.mean;
  if (!latency || *latency <= 0) return std::nullopt;
  return 1e9 / *latency;
}

RankBy RankByOf(std::string_view scenario, bool tail) {
  if (scenario == "offline" || scenario == "dataset") return RankBy::kThroughput;
  return scenario == "server" && tail ? RankBy::kP99 : RankBy::kP50;
}

RankBy RankByOf(const std::string& scenario, const std::vector<const Run*>& runs) {
  const auto all = [&](const auto& member) {
    return std::all_of(runs.begin(), runs.end(),
                       [&](const Run* run) { return !run->latency.mean || (run->latency.*member).has_value(); });
  };
  const RankBy by = RankByOf(scenario, all(&Latency::p99));
  return by == RankBy::kP50 && !all(&Latency::p50) ? RankBy::kMean : by;
}

std::string_view RankName(RankBy by) {
  switch (by) {
    case RankBy::kThroughput:
      return "samples per second";
    case RankBy::kP99:
      return "p99";
    case RankBy::kP50:
      return "p50";
    case RankBy::kMean:
      return "the mean";
  }
  return "";
}

std::vector<Summary> Summarise(const std::vector<Configuration>& plan, std::span<const Run> runs) {
  std::vector<Summary> rows;
  std::vector<std::vector<const Run*>> measured;  // of each row
  for (const Configuration& configuration : plan) {
    std::vector<const Run*> mine, with_speed;
    for (const Run& run : runs) {
      if (KeyOf(run.configuration) != KeyOf(configuration)) continue;
      mine.push_back(&run);
      if (HasSpeed(run)) with_speed.push_back(&run);
    }
    if (mine.empty()) continue;
    rows.push_back(SummaryOf(configuration, mine));
    measured.push_back(std::move(with_speed));
  }
  const auto one_contest = [&](size_t i, size_t k) {
    return rows[k].configuration.model == rows[i].configuration.model &&
           rows[k].configuration.scenario == rows[i].configuration.scenario && rows[k].batch == rows[i].batch &&
           rows[k].configuration.qps == rows[i].configuration.qps &&
           rows[k].configuration.test_size == rows[i].configuration.test_size &&
           rows[k].configuration.for_testing == rows[i].configuration.for_testing;
  };
  std::vector<Range> ranges;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<const Run*> rivals;
    for (size_t k = 0; k < rows.size(); ++k) {
      if (one_contest(i, k)) rivals.insert(rivals.end(), measured[k].begin(), measured[k].end());
    }
    const RankBy by = RankByOf(rows[i].configuration.scenario, rivals);
    rows[i].ranked_by = RankName(by);
    ranges.push_back(RankRange(measured[i], by));
    const Range& range = ranges.back();
    if (range.known && measured[i].size() > 1) rows[i].spread = (range.high - range.low) / range.middle;
  }
  // Groups are few and small: a quadratic pass is simpler than an index.
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto comparable = [&](size_t k) { return ranges[k].known && one_contest(i, k); };
    if (!comparable(i)) continue;
    size_t best = rows.size(), worst = i, others = 0;
    for (size_t k = 0; k < rows.size(); ++k) {
      if (!comparable(k)) continue;
      ++others;
      if (best == rows.size() || ranges[k].middle > ranges[best].middle) best = k;  // of equals, the first
      if (ranges[k].middle < ranges[worst].middle) worst = k;
    }
    rows[i].times_faster = ranges[i].middle / ranges[worst].middle;
    // One repetition has no range: what lies next to it cannot be told from noise.
    const auto overlaps = [&](size_t k) {
      return k != best && rows[best].measured > 1 && rows[k].measured > 1 && ranges[k].high >= ranges[best].low;
    };
    size_t next = rows.size();
    bool any_tie = false;
    for (size_t k = 0; k < rows.size(); ++k) {
      if (!comparable(k) || k == best) continue;
      any_tie = any_tie || overlaps(k);
      if (next == rows.size() || ranges[k].middle > ranges[next].middle) next = k;
    }
    rows[i].tie = best == i ? any_tie : overlaps(i);
    if (best != i || others < 2) continue;
    const bool proved = rows[best].measured > 1 && rows[next].measured > 1;
    rows[i].winner = proved && !any_tie;
    rows[i].leads = !proved && !any_tie;
  }
  return rows;
}

Json ToJson(const Summary& summary) {
  const Configuration& row = summary.configuration;
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  Json options = Json::object();
  for (const auto& [name, value] : row.options) options[name] = value;
  return {{"engine", row.engine},
          {"version", row.version.empty() ? Json() : Json(row.version)},
          {"model", row.model},
          {"path", row.artifact.path},
          {"format", row.artifact.format},
          {"scenario", row.scenario},
          {"device", row.device},
          {"threads", row.threads},
          {"streams", row.streams},
          {"batch", summary.batch},
          {"precision", row.precision},
          {"qps", row.qps > 0 ? Json(row.qps) : Json()},
          {"samples_per_query", row.samples_per_query > 0 ? Json(row.samples_per_query) : Json()},
          {"test_size", row.test_size > 0 ? Json(row.test_size) : Json()},
          {"options", options},
          {"status", StatusName(summary.status)},
          {"error", core::ErrorJson(summary.error)},
          {"repetitions", summary.repetitions},
          {"measured", summary.measured},
          {"samples", summary.samples},
          {"latency_ns",
           {{"p50", number(summary.p50_ns)},
            {"p50_low", number(summary.p50_low_ns)},
            {"p50_high", number(summary.p50_high_ns)},
            {"p90", number(summary.p90_ns)},
            {"p99", number(summary.p99_ns)},
            {"mean", number(summary.mean_ns)}}},
          {"wall_ns", number(summary.wall_ns)},
          {"preprocess_ns", number(summary.preprocess_ns)},
          {"throughput_per_s", number(summary.throughput_per_s)},
          {"throughput_low_per_s", number(summary.throughput_low_per_s)},
          {"throughput_high_per_s", number(summary.throughput_high_per_s)},
          {"offered_per_s", number(summary.offered_per_s)},
          {"achieved_per_s", number(summary.achieved_per_s)},
          {"late_share", number(summary.late_share)},
          {"load_ns", number(summary.load_ns)},
          {"first_inference_ns", number(summary.first_inference_ns)},
          {"peak_rss_bytes", number(summary.peak_rss_bytes)},
          {"cpu_utilisation", number(summary.utilisation)},
          {"spread", number(summary.spread)},
          {"times_faster_than_slowest", number(summary.times_faster)},
          {"winner", summary.winner},
          {"tie", summary.tie},
          {"leads", summary.leads},
          {"note", summary.note.empty() ? Json() : Json(summary.note)}};
}

}  // namespace bakeoff::measure
