// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Stored records say the same as the runs that they were made of.
#include "measure/record.h"

#include <gtest/gtest.h>

#include <functional>

#include "bakeoff/error.h"
#include "measure/fields.h"

namespace bakeoff::measure {
namespace {

// Something in every field, and no value twice.
measure::Run Full() {
  measure::Run run;
  run.configuration.model = "net";
  run.configuration.artifact.path = "/models/net.tflite";
  run.configuration.artifact.format = "tflite";
  run.configuration.engine = "e";
  run.configuration.version = "1.2";
  run.configuration.scenario = "offline";
  run.configuration.device = "gpu";
  run.configuration.threads = 2;
  run.configuration.streams = 3;
  run.configuration.batch = 4;
  run.configuration.precision = "bf16";
  run.configuration.qps = 12.5;
  run.configuration.arrivals = "poisson";
  run.configuration.samples_per_query = 22;
  run.configuration.test_size = 23;
  run.configuration.options = {{"a", "b"}};
  verify::Conversion conversion;
  conversion.source.path = "/models/net.onnx";
  conversion.source.format = "onnx";
  conversion.route = {"torchscript", "onnx", "tflite"};
  conversion.status = "verified";
  conversion.reused = true;
  conversion.difference.max_abs = 0.5;
  conversion.difference.max_rel = 0.25;
  conversion.difference.centred_sqnr_db = 100;
  run.configuration.conversion = conversion;
  run.repetition = 5;
  run.order = 6;
  run.reused_from = 41;
  run.reused_campaign = 4;
  run.started_at = "2026-01-02T03:04:05Z";
  run.status = RunStatus::kMismatch;
  run.error = Error(ErrorCode::kMismatch, "differs");
  run.batch = 4;
  run.load_ns = 8;
  run.first_inference_ns = 9;
  run.load_peak_rss_bytes = 10;
  run.first_peak_rss_bytes = 11;
  run.steady_peak_rss_bytes = 12;
  run.sample_buffer_bytes = 13;
  for (int64_t i = 0; i < 2000; ++i) run.latency_ns.push_back(1000 + i * i);
  run.latency = Summarise(run.latency_ns);
  run.latency.mean_low = 1.5;
  run.latency.mean_high = 2.5;
  run.stability = {.outliers = core::Outliers{41, 0.375},
                   .drift = core::Drift{-0.75, true},
                   .modes = core::Modes{3.5, 4.5, 0.875},
                   .mean = core::Interval{1.5, 2.5}};
  run.samples = 2000;
  run.throughput_per_s = 14.5;
  run.stop_reason = "count";
  run.warmup_runs = 15;
  run.warmup_ns = 16;
  run.warmup_steady = false;
  run.wall_ns = 17;
  run.requests = 18;
  run.cpu_ns = 19;
  run.threads_busy = 20;
  run.runner_overhead_ns = 21;
  run.open_loop = OpenLoop{.offered_per_s = 30.5,
                           .achieved_per_s = 30.25,
                           .late_share = 0.125,
                           .queued_share = 0.0625,
                           .unanswered = 31,
                           .delay_p99_ns = 32,
                           .delay_max_ns = 33,
                           .issuer_delay_p99_ns = 34,
                           .service_p50_ns = 35,
                           .issuer_cpu_ns = 36,
                           .bound_ns = 37,
                           .bound_met = false};
  run.preprocess_ns = 38;
  run.metered = {.load_pss_bytes = 51,
                 .load_uss_bytes = 71,
                 .load_pss_file_bytes = 72,
                 .first_pss_bytes = 52,
                 .first_uss_bytes = 73,
                 .first_pss_file_bytes = 74,
                 .steady_pss_bytes = 53,
                 .steady_uss_bytes = 54,
                 .steady_pss_file_bytes = 55,
                 .growth_bytes = 56.5,
                 .growth_low_bytes = 57.5,
                 .growth_high_bytes = 58.5,
                 .growth_runs = 59,
                 .growth_reason = "another reason",
                 .voluntary_switches = 60,
                 .involuntary_switches = 61,
                 .minor_faults = 62,
                 .major_faults = 63,
                 .instructions = 64,
                 .cycles = 65,
                 .steal_ns = 71,
                 .throttled_ns = 72,
                 .throttled_periods = 73,
                 .steal_share = 0.74,
                 .threads = {{{"name", "pool"}, {"time_ns", 69}}},
                 .over_time = {{{"at_ns", 70}, {"utilisation", 1.5}}},
                 .counters_reason = "none",
                 .joules_per_inference = 66.5,
                 .idle_w = 67.5,
                 .load_w = 68.5,
                 .energy_source = "rapl: packages",
                 .energy_reason = "a reason",
                 .energy_readings = {{{"kind", "rapl"}}}};
  run.profile = {{"reason", "none"}};
  verify::Check check;
  check.verdict = verify::Verdict::kMismatch;
  check.reason = "y: 3 dB";
  verify::OutputRow row;
  row.judged = {check.verdict, check.reason};
  row.difference.max_abs = 0.1;
  row.difference.max_rel = 0.2;
  row.difference.centred_sqnr_db = 3;
  row.difference.top1_agreement = 0.75;
  check.outputs.push_back(row);
  run.check = check;
  run.reference = "r";
  run.tolerance = "f32";
  run.shapes_from = "/models/other.onnx";
  run.notes = {"a note", "another"};
  run.prefix = "ssh board";
  run.canonical_sha256 = "aa";
  run.delivered_sha256 = "bb";
  run.layouts = {{"x", {{"axes", "NCHW"}, {"assumed", true}}}};
  run.effective = {{"threads", 2}};
  return run;
}

// Every field of the table, so a field that is added there and forgotten here fails.
void ExpectNoNull(const Json& json, const std::string& path) {
  EXPECT_FALSE(json.is_null()) << path << " is not set: this test would not see it lost";
  if (!json.is_object()) return;
  for (const auto& [name, value] : json.items()) {
    ExpectNoNull(value, path + "/" + name);
  }
}

TEST(Record, KeepsEveryField) {
  const measure::Run run = Full();
  const Json record = ToJson(run);
  ExpectNoNull(record, "");
  EXPECT_EQ(ToJson(RunFrom(record, run.configuration)), record);
  EXPECT_EQ(ToJson(RunFrom(record, ConfigurationFrom(record))), record);
}

TEST(Record, KeepsWhatIsNotKnownUnknown) {
  measure::Run run;
  run.configuration.model = "net";
  run.status = RunStatus::kFailed;
  run.error = Error(ErrorCode::kTimeout, "hung");
  const Json record = ToJson(run);
  EXPECT_EQ(ToJson(RunFrom(record, ConfigurationFrom(record))), record);
}

TEST(Record, WhatIsNoRecordFails) {
  EXPECT_THROW(RunFrom(Json::array(), {}), Error);
  EXPECT_THROW(RunFrom({{"status", "splendid"}}, {}), Error);
  EXPECT_THROW(ConfigurationFrom("text"), Error);
}

}  // namespace
}  // namespace bakeoff::measure
