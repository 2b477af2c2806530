// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Runs in rows (the repetitions of one configuration), rows by subject (what a reader chooses between), and how many
// times as good one row is as another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"
#include "core/statistics.h"
#include "measure/metric.h"
#include "report/source.h"

namespace bakeoff::report {

using RunIds = std::vector<int64_t>;

// As many as the page has; further ones begin again.
inline constexpr int kColors = 9;

// A way to run a network: engine, format, precision, options, device. Threads and batch are settings of it.
struct Subject {
  std::string label;  // the engine's name, and whatever tells it from the other subjects
  std::string model, engine, version, format, precision, device;
  Json options = Json::object();
  std::string campaign;  // where another one of the report measured the same; else ""
  int color = 0;         // of the engine; with one engine alone, of the subject
  int variant = 0;       // among those that are drawn in the same colour
};

struct Row {
  size_t subject = 0;
  std::string role;              // latency, offline, dataset, server, multi-stream, ablate, profile
  std::string scenario, status;  // status: the worst of the repetitions
  std::string error_code, error_text;
  int64_t campaign = 0, threads = 0, streams = 0, batch = 0, test_size = 0, samples_per_query = 0;
  double qps = 0;
  std::vector<const StoredRun*> runs;  // by repetition

  RunIds ids() const;
  bool Measured() const;  // at least one repetition has a speed number
  // Of the repetitions that are ok and have it.
  std::vector<double> Values(std::string_view field) const;
  std::optional<double> Median(std::string_view field) const;
  // As Median(), but only where every measured repetition has it: a percentile that few support would be the fast
  // ones'.
  std::optional<double> MedianOfAll(std::string_view field) const;
  std::optional<double> Largest(std::string_view field) const;
  std::optional<core::Interval> IntervalOf(std::string_view field) const;
  std::string Text(std::string_view field) const;  // of the first run that has it
};

// The latency that stands for a row: the median, or the mean where too few samples support one.
std::optional<double> Latency(const Row& row);

struct Rows {
  std::vector<Subject> subjects;
  std::vector<Row> rows;
  std::vector<std::string> models;

  const Subject& SubjectOf(const Row& row) const { return subjects[row.subject]; }
  // Measured rows of a role and a model, in the order of the store.
  std::vector<const Row*> Of(std::string_view role, const std::string& model) const;
};

Rows RowsOf(const Source& source);

enum class Standing { kBetter, kWorse, kTie, kUnclear };

// How many times as good `row` is as `other`: 1.3 is 1.3 times as fast, or needs 1 / 1.3 of the memory.
struct Gain {
  std::optional<double> ratio, low, high;  // interval with confidence 1 - alpha
  Standing standing = Standing::kUnclear;
  std::string reason;  // why it is unclear
  std::optional<size_t> repetitions_needed;
};
Gain GainOf(const Row& row, const Row& other, const measure::Metric& metric, double alpha = measure::kAlpha);

// By medians where both have them, else by means.
Gain LatencyGain(const Row& row, const Row& other, double alpha = measure::kAlpha);

// Who is best among rows, as far as that is proved.
struct Ranking {
  std::vector<const Row*> order;  // best first; one row for each subject, its best
  std::vector<Gain> gains;        // of order[0] over each of order (that over itself is empty)
  // How many at the front cannot be told apart: 1 is a winner.
  size_t front = 0;
  bool proved = false;   // order[0] is better than every other subject
  bool all_tie = false;  // what cannot be told apart from it ties with it, each
};
Ranking Rank(const std::vector<const Row*>& rows, const measure::Metric& metric);
Ranking RankLatency(const std::vector<const Row*>& rows);

}  // namespace bakeoff::report
