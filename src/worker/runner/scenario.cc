// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The table of scenarios and what all of them share.
#include "worker/runner/scenario.h"

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "core/text.h"
#include "worker/runner/cpu_window.h"
#include "worker/runner/meter_passes.h"
#include "worker/runner/warmup.h"

namespace bakeoff::worker {
namespace {

struct Row {
  std::string_view name;
  Measured (*run)(const Plan&, Scene&);
};

constexpr Row kScenarios[] = {
    {"single-stream", RunSingleStream},
    {"offline", RunOffline},
    {"multi-stream", RunMultiStream},
    {"server", RunServer},
    {"dataset", RunDataset},
};

}  // namespace

Measured RunScenario(const Plan& plan, Scene& scene) {
  std::vector<std::string> names;
  for (const Row& row : kScenarios) {
    if (row.name == plan.scenario) return row.run(plan, scene);
    names.emplace_back(row.name);
  }
  throw Error(ErrorCode::kUnsupported,
              fmt::format("unknown scenario '{}'; this worker knows: {}", plan.scenario, core::Join(names, ", ")));
}

// Any value but zero: a buffer of zeros may be pages that the kernel has not given yet.
std::vector<int64_t> TouchedSamples(int64_t size) {
  return std::vector<int64_t>(static_cast<size_t>(size), -1);
}

Json ResultJson(const LoopResult& loop, const WarmupResult& warmup, const CpuWindow& cpu, int requests,
                size_t buffer_bytes) {
  Json result{{"stop_reason", StopReasonName(loop.reason)},
              {"warmup_runs", warmup.runs},
              {"warmup_ns", warmup.wall_ns},
              {"warmup_steady", warmup.steady},
              {"runs", loop.runs},
              {"wall_ns", loop.wall_ns},
              {"requests", requests},
              {"cpu_ns", cpu.cpu_ns()},
              {"runner_overhead_ns", MeasureLoopOverhead()},
              {"sample_buffer_bytes", buffer_bytes}};
  if (const auto busy = cpu.threads_busy()) result["threads_busy"] = *busy;
  result["cpu_threads"] = cpu.threads();
  result["cpu_over_time"] = cpu.over_time();
  result["contention"] = cpu.contention();
  result["events"] = ReadingsJson(cpu.events());
  result["memory_steady"] = MemoryUseJson();
  return result;
}

}  // namespace bakeoff::worker
