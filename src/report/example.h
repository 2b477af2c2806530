// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A small campaign that was never measured: what the tests of the report read.
#pragma once

#include <string>
#include <vector>

#include "report/source.h"

namespace bakeoff::report {

struct ExampleRow {
  std::string engine;
  std::vector<double> p50_ms;  // one for each repetition
  int64_t threads = 1, batch = 1;
  std::string scenario = "single-stream", status = "ok", error;
  Json options = Json::object();
  double memory_mib = 50;
};

// Adds the repetitions of a row to campaign 1, whose runs count on from 1.
inline void AddRow(const ExampleRow& row, Source& source) {
  if (source.campaigns.empty()) {
    store::Campaign campaign;
    campaign.id = 1;
    campaign.name = "example";
    campaign.created_at = "2026-01-02T03:04:05Z";
    campaign.state = store::CampaignState::kDone;
    campaign.facts = {
        {"command", {"bench", "net.onnx"}},
        {"machine", {{"cpu_model", "Abacus"}, {"allowed_cpus", 2}}},
        {"environment",
         {{"grade", "B"}, {"doubts", {{{"grade", "B"}, {"reason", "turbo"}, {"remedy", "turn it off"}}}}}}};
    source.campaigns.push_back(campaign);
    source.name = "example";
  }
  const int64_t place = source.runs.empty() ? 0 : source.runs.back().row + 1;
  for (size_t i = 0; i < row.p50_ms.size(); ++i) {
    const double ns = row.p50_ms[i] * 1e6;
    const bool ok = row.status == "ok";
    Json record{{"engine", row.engine},
                {"version", "1"},
                {"model", "net"},
                {"path", "net.onnx"},
                {"format", "onnx"},
                {"scenario", row.scenario},
                {"device", "cpu"},
                {"threads", row.threads},
                {"streams", 1},
                {"batch", row.batch},
                {"precision", "f32"},
                {"options", row.options},
                {"repetition", i + 1},
                {"status", row.status},
                {"error", ok ? Json() : Json{{"code", "engine_failed"}, {"text", row.error}}},
                {"samples", ok ? 1000 : 0}};
    if (ok) {
      record["load_ns"] = 2e6 * (1 + 0.01 * static_cast<double>(i));
      record["first_inference_ns"] = 3 * ns;
      record["latency_ns"] = {{"p50", ns}, {"p90", 1.1 * ns}, {"p99", nullptr}, {"mean", ns}};
      record["throughput_per_s"] = static_cast<double>(row.batch) * 1e9 / ns;
      record["memory"] = {{"peak_rss_bytes", row.memory_mib * (1 << 20) + 4096 * static_cast<double>(i)},
                          {"load_peak_rss_bytes", row.memory_mib * (1 << 19)},
                          {"first_peak_rss_bytes", row.memory_mib * (1 << 19)},
                          {"steady_peak_rss_bytes", row.memory_mib * (1 << 20)}};
      record["cpu"] = {{"time_ns", 1e9},
                       {"utilisation", 0.9 * static_cast<double>(row.threads)},
                       {"threads_busy", row.threads},
                       {"counters_reason", "not asked"}};
      record["energy"] = {{"reason", "unavailable, because this is an example"}};
    }
    source.runs.push_back({static_cast<int64_t>(source.runs.size()) + 1, 1, place, "", std::move(record)});
  }
}

// Samples about the median that a run has.
inline std::vector<int64_t> ExampleSamples(const Source& source, int64_t run) {
  std::vector<int64_t> samples;
  const Json& record = source.runs.at(static_cast<size_t>(run) - 1).record;
  if (!record.contains("latency_ns")) return samples;
  const double median = record["latency_ns"]["p50"].get<double>();
  for (int i = 0; i < 1000; ++i) samples.push_back(static_cast<int64_t>(median * (0.95 + 0.0001 * i)));
  return samples;
}

}  // namespace bakeoff::report
