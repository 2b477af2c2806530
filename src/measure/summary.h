// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Repetitions of a configuration as one row, and who is fastest.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"
#include "measure/run.h"

namespace bakeoff::measure {

// Values are medians over the repetitions that gave a speed number; nullopt where there is none.
struct Summary {
  Configuration configuration;
  RunStatus status = RunStatus::kOk;  // the worst of the repetitions
  std::optional<Error> error;         // the first with that status
  int repetitions = 0;
  int measured = 0;  // repetitions with a speed number
  int64_t batch = 1;
  int64_t samples = 0;  // of all repetitions together
  std::optional<double> p50_ns, p90_ns, p99_ns, mean_ns, throughput_per_s, load_ns, first_inference_ns, utilisation,
      wall_ns, preprocess_ns, offered_per_s, achieved_per_s, late_share;
  std::optional<int64_t> bound_ns;  // --latency-bound
  int bound_proved = 0;             // repetitions that kept it
  // 99 % intervals over the repetitions, each a process of its own; of at least 3.
  std::optional<double> p50_low_ns, p50_high_ns, throughput_low_per_s, throughput_high_per_s;
  std::optional<double> peak_rss_bytes;  // the largest
  // (largest - smallest) / median of what ranks the row, over repetitions; nullopt with one.
  std::optional<double> spread;
  // Among rows of the same network, scenario and batch:
  std::optional<double> times_faster;  // than the slowest
  std::string ranked_by;               // what that is a ratio of, as RankName() says it
  // Best, of at least two repetitions, and every one of them better than every one of the next row's.
  bool winner = false;
  bool tie = false;    // the range of its repetitions overlaps the best's, or, of the best itself, another's
  bool leads = false;  // best, but single repetitions prove nothing
  std::string note;    // weak proof, unsteady warm-up ...
};

// What ranks rows of one contest. Of all of them, and of all their repetitions, it must be the same number: one with a
// p99 beside one with a median is no comparison.
enum class RankBy { kThroughput, kP99, kP50, kMean };
std::string_view RankName(RankBy by);  // "samples per second", "p99", "p50", "the mean"
// The best that all of the runs have; those of a saturated row have no latency at all and do not count.
RankBy RankByOf(const std::string& scenario, const std::vector<const Run*>& runs);
// What ranks a scenario where there are samples enough for the median; `tail`: for p99 as well.
RankBy RankByOf(std::string_view scenario, bool tail);
// Larger is better; nullopt where the run has no such number.
std::optional<double> RankOf(const Run& run, RankBy by);

// In the order of first appearance of each configuration in `plan`. `runs` in any order. What ranks rows of one
// contest: throughput for offline and dataset; p99 for server where all runs have one; else the median latency, or the
// mean where some have too few samples for a median.
std::vector<Summary> Summarise(const std::vector<Configuration>& plan, std::span<const Run> runs);

Json ToJson(const Summary& summary);

}  // namespace bakeoff::measure
