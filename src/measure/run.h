// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One measurement: a configuration, one repetition of it, and everything that was found out. A failure is one of these,
// never a gap.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "core/stability.h"
#include "measure/metered.h"
#include "verify/answers.h"
#include "verify/conversion.h"
#include "verify/session.h"
#include "worker/host/handle.h"

namespace bakeoff::measure {

enum class RunStatus { kOk, kFailed, kSkipped, kUnsupported, kMismatch, kSaturated };
std::string_view StatusName(RunStatus status);
inline constexpr std::array kRunStatuses = {RunStatus::kOk,          RunStatus::kFailed,   RunStatus::kSkipped,
                                            RunStatus::kUnsupported, RunStatus::kMismatch, RunStatus::kSaturated};
// From best (0) to worst, for the status of a row of several repetitions.
int Severity(RunStatus status);

// What a row is asked to be.
struct Configuration {
  std::string model;  // models of the same name are one network in several formats
  Artifact artifact;
  std::string engine;
  std::string version;
  std::string executable;
  bool for_testing = false;
  std::string scenario = "single-stream";
  std::string device = "cpu";
  int threads = 1;
  int streams = 1;
  int64_t batch = 0;  // 0: not said, the model's own
  std::string precision = "f32";
  double qps = 0;                                  // of server; 0: elsewhere, or a trace
  std::string arrivals;                            // of server: poisson, constant, trace
  int64_t samples_per_query = 0;                   // of multi-stream
  int64_t test_size = 0;                           // of dataset
  std::map<std::string, std::string> options;      // of the engine
  std::map<std::string, std::string> environment;  // that the worker is started with, from the options
  std::map<std::string, std::string> selection;    // of the options those that say what of the model is computed

  // Set where it is clear before anything runs that this row cannot be measured.
  RunStatus status = RunStatus::kOk;
  ErrorCode code = ErrorCode::kUnsupported;
  std::string reason;
  std::vector<FormatId> reads;  // of the engine, where it does not read the artifact's format; else empty
  verify::Advice advice;        // then
  // Where the artifact was made from the given model for this engine, or could not be.
  std::optional<verify::Conversion> conversion;
};

// What was given: the artifact, or what it was made from.
const Artifact& Given(const Configuration& configuration);

// "fake t2 b1 f32 median_us=5": for progress and messages.
std::string Title(const Configuration& configuration);

struct Latency {
  std::optional<double> min, mean, p50, p90, p95, p99, max, stddev, mad;
  std::optional<double> p90_early, p99_early;  // MLPerf's estimates
  // 99 % intervals: by order statistics, of the mean by batch means.
  std::optional<double> p50_low, p50_high, p90_low, p90_high, p95_low, p95_high, p99_low, p99_high, mean_low, mean_high;
};
Latency Summarise(const std::vector<int64_t>& latency_ns);

// What an open loop says besides latencies.
struct OpenLoop {
  std::optional<double> offered_per_s, achieved_per_s, late_share, queued_share;
  std::optional<int64_t> unanswered, delay_p99_ns, delay_max_ns, issuer_delay_p99_ns, service_p50_ns, issuer_cpu_ns;
  std::optional<int64_t> bound_ns;  // --latency-bound
  std::optional<bool> bound_met;
};
// Whether it answered less than 99 % of what was offered: then its latencies only tell how long it was run.
bool Saturated(const OpenLoop& open);

struct Run {
  Configuration configuration;
  size_t row = 0;                          // place of the configuration in the plan
  int repetition = 1;                      // from 1
  int order = 0;                           // place in the order of execution, from 1; 0: did not run
  std::optional<int64_t> reused_from;      // run of the store that this one was taken over from
  std::optional<int64_t> reused_campaign;  // where that one was measured; nullopt beside reused_from: not known
  std::string started_at;                  // UTC, ISO 8601

  RunStatus status = RunStatus::kOk;
  std::optional<Error> error;

  int64_t batch = 1;  // as it was
  std::optional<int64_t> load_ns, first_inference_ns;
  std::optional<int64_t> load_peak_rss_bytes, first_peak_rss_bytes, steady_peak_rss_bytes, sample_buffer_bytes;

  std::vector<int64_t> latency_ns;  // one per run of a batch; dropped once they are summarised and handed on
  int64_t samples = 0;
  Latency latency;
  core::Stability stability;
  std::optional<double> throughput_per_s;
  std::string stop_reason;
  std::optional<int64_t> warmup_runs, warmup_ns, wall_ns, requests, cpu_ns, threads_busy, runner_overhead_ns;
  std::optional<bool> warmup_steady;

  Metered metered;
  std::optional<OpenLoop> open_loop;
  std::optional<int64_t> preprocess_ns;  // of dataset, where its inputs are pictures

  Json profile;                                  // the field; null: not asked for
  std::optional<worker::ProfileReply> profiled;  // what it was made of; dropped with latency_ns

  std::optional<verify::Check> check;
  std::string reference;  // engine whose answers were compared with, "" where there was none
  std::string tolerance;

  std::string shapes_from;         // path of the model whose shapes were taken, "" where it tells its own
  std::vector<std::string> notes;  // on its inputs and its place
  std::string prefix;              // command that the worker was started through; "": none

  std::string canonical_sha256, delivered_sha256;
  Json layouts = Json::object();  // input -> {"axes", "assumed"}
  Json effective = Json::object();
};

}  // namespace bakeoff::measure
