// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// server: queries come when a schedule says so, whether or not the last one was answered; latency counts from the
// moment a query was due.
#include <algorithm>

#include "core/statistics.h"
#include "worker/runner/arrivals.h"
#include "worker/runner/closed_phase.h"
#include "worker/runner/cpu_window.h"
#include "worker/runner/open_loop.h"
#include "worker/runner/scenario.h"
#include "worker/runner/team.h"
#include "worker/runner/warmup.h"

namespace bakeoff::worker {
namespace {

// A query that begins so much after its time is late. What the generator itself may be late by (bench/server).
constexpr int64_t kLateNs = 50'000;
// Time before the first query, for all threads to be at their places.
constexpr int64_t kLeadNs = 2'000'000;

Json Percentile(const core::Samples& samples, core::Percentile percentile) {
  const auto value = samples.At(percentile);
  return value ? Json(*value) : Json();
}

// From the first query to the last: what comes before and after belongs to no rate.
Json RatePerSecond(size_t count, int64_t first, int64_t last) {
  if (count < 2 || last <= first) return {};
  return static_cast<double>(count - 1) / (static_cast<double>(last - first) / 1e9);
}

Json OpenLoopJson(std::span<const int64_t> schedule, std::span<const OpenLoop::Query> queries, int64_t spun_ns) {
  std::vector<int64_t> delays, services, own_delays;
  int64_t late = 0, queued = 0, first_end = kNoLimit, last_end = 0;
  for (size_t i = 0; i < queries.size(); ++i) {
    const OpenLoop::Query& query = queries[i];
    if (query.end < 0) continue;
    delays.push_back(query.start - schedule[i]);
    own_delays.push_back(query.start - std::max(schedule[i], query.free));
    services.push_back(query.end - query.start);
    late += delays.back() > kLateNs ? 1 : 0;
    queued += query.free > schedule[i] ? 1 : 0;
    first_end = std::min(first_end, query.end);
    last_end = std::max(last_end, query.end);
  }
  const size_t answered = delays.size();
  const auto share = [&](int64_t count) {
    return answered > 0 ? Json(static_cast<double>(count) / static_cast<double>(answered)) : Json();
  };
  const core::Samples delay(std::move(delays)), own(std::move(own_delays)), service(std::move(services));
  return {{"offered_per_s", RatePerSecond(schedule.size(), schedule.front(), schedule.back())},
          {"achieved_per_s", RatePerSecond(answered, first_end, last_end)},
          {"unanswered", queries.size() - answered},
          {"late_share", share(late)},
          {"queued_share", share(queued)},
          {"delay_p99_ns", Percentile(delay, core::kP99)},
          {"delay_max_ns", answered > 0 ? Json(*delay.Max()) : Json()},
          {"issuer_delay_p99_ns", Percentile(own, core::kP99)},
          {"service_p50_ns", Percentile(service, core::kP50)},
          {"issuer_cpu_ns", spun_ns}};
}

}  // namespace

Measured RunServer(const Plan& plan, Scene& scene) {
  const Arrivals arrivals = ArrivalsFromJson(plan.whole, plan.limits, plan.max_samples);
  const std::vector<int64_t>& schedule = arrivals.times;
  const int streams = std::max(scene.streams, 1);
  std::vector<FilledRequest> filled = scene.requests(streams);
  // Not zeros: pages that the kernel has not given yet would be given while the clock runs.
  std::vector<OpenLoop::Query> queries(schedule.size(), OpenLoop::Query{-1, -1, -1});
  std::vector<OpenLoop::Counters> counters(filled.size());
  const int64_t warm_room = std::min<int64_t>(plan.warmup.max_runs, 1 << 16);
  std::vector<int64_t> warm = TouchedSamples(warm_room + ClosedPhase::kBlock * streams);
  ClosedPhase phase(warm, warm_room, *scene.cancelled);
  // As long again as the schedule, and a second.
  OpenLoop loop(schedule, queries, schedule.back() + 1'000'000'000, *scene.cancelled);

  Measured measured;
  WarmupResult warmup;
  LoopResult result{StopReason::kCancelled, 0, 0};
  CpuWindow cpu;
  {
    Team team(filled.size(), [&] {
      phase.Stop(StopReason::kCancelled);
      loop.Stop(StopReason::kCancelled);
    });
    warmup = WarmUpTogether(plan, scene, team, filled, phase);
    if (!warmup.cancelled) {
      const ProgressThread progress("timed", plan.progress_ns, cpu.Sampled([&loop] { return loop.finished(); }),
                                    scene.progress);
      cpu.Start();
      const int64_t begin = NowNs() + kLeadNs;
      loop.Begin(begin);
      team.Run([&](size_t index, int64_t) { return loop.Run(filled[index], scene.inputs_consumed, counters[index]); });
      cpu.Stop();
      int64_t last = 0;
      for (const OpenLoop::Query& query : queries) last = std::max(last, query.end);
      const int stopped = loop.stopped();
      result = {stopped < 0 ? arrivals.reason : static_cast<StopReason>(stopped), loop.finished(), last};
    }
  }
  for (size_t i = 0; i < queries.size(); ++i) {
    if (queries[i].end >= 0) measured.latency_ns.push_back(queries[i].end - schedule[i]);
  }
  int64_t spun_ns = 0;
  for (const OpenLoop::Counters& each : counters) spun_ns += each.spun_ns;
  measured.result =
      ResultJson(result, warmup, cpu, streams,
                 schedule.size() * (sizeof(int64_t) + sizeof(OpenLoop::Query)) + warm.size() * sizeof(int64_t));
  if (result.runs > 0) measured.result["open_loop"] = OpenLoopJson(schedule, queries, spun_ns);
  return measured;
}

}  // namespace bakeoff::worker
