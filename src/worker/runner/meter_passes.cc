// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The passes.
#include "worker/runner/meter_passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "bakeoff/error.h"
#include "core/statistics.h"
#include "core/trend.h"

namespace bakeoff::worker {
namespace {

constexpr size_t kParts = 20;

template <typename T>
Json Maybe(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

// The readings with the largest change replaced by what is usual between two: an allocation that happens once, or a
// cache that is given back, is no growth per inference.
std::vector<double> WithoutStep(std::span<const double> runs, std::span<const double> bytes) {
  std::vector<double> changes, rates;
  for (size_t i = 1; i < bytes.size(); ++i) {
    changes.push_back(bytes[i] - bytes[i - 1]);
    rates.push_back(changes.back() / (runs[i] - runs[i - 1]));
  }
  const double usual = core::Median(rates).value_or(0);
  const auto step =
      std::max_element(changes.begin(), changes.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  const auto at = static_cast<size_t>(step - changes.begin());
  *step = usual * (runs[at + 1] - runs[at]);
  std::vector<double> rest{bytes[0]};
  for (const double change : changes) rest.push_back(rest.back() + change);
  return rest;
}

// Joules of each reading of a source, in two windows.
Json SourceJson(const EnergySource& source, const std::vector<Reading>& idle) {
  Json readings = Json::array();
  for (const Reading& load : source.meter->Readings()) {
    const auto before =
        std::find_if(idle.begin(), idle.end(), [&](const Reading& each) { return each.name == load.name; });
    if (!load.value || before == idle.end() || !before->value || before->seconds <= 0 || load.seconds <= 0) {
      std::string reason = load.value && before != idle.end() ? before->reason : load.reason;
      if (reason.empty()) reason = "unavailable, because it was not there in both windows";
      readings.push_back({{"name", load.name}, {"reason", reason}});
      continue;
    }
    const double idle_w = *before->value / before->seconds;
    readings.push_back({{"name", load.name},
                        {"idle_w", idle_w},
                        {"load_w", *load.value / load.seconds},
                        {"load_j", *load.value},
                        {"net_j", *load.value - idle_w * load.seconds},
                        {"source", load.source}});
  }
  return {{"kind", source.kind}, {"covers", source.covers}, {"readings", readings}};
}

Json Reason(const std::string& because) {
  return {{"reason", "unavailable, because " + because}};
}

// Sleeps so long; false as soon as somebody cancels.
bool Rest(int64_t ns, const std::atomic<bool>& cancelled) {
  constexpr int64_t kNap = 100'000'000;
  for (const int64_t end = NowNs() + ns;;) {
    if (cancelled.load(std::memory_order_relaxed)) return false;
    const int64_t left = end - NowNs();
    if (left <= 0) return true;
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(left, kNap)));
  }
}

double SecondsSince(int64_t begin) {
  return static_cast<double>(NowNs() - begin) / 1e9;
}

}  // namespace

Json MemoryUseJson() {
  const auto use = ReadMemoryUse();
  if (!use) return {};
  return {{"pss_bytes", use->pss_bytes},
          {"uss_bytes", use->uss_bytes},
          {"pss_anon_bytes", Maybe(use->pss_anon_bytes)},
          {"pss_file_bytes", Maybe(use->pss_file_bytes)}};
}

Json ReadingsJson(const std::vector<Reading>& readings) {
  Json json = Json::object();
  for (const Reading& reading : readings) {
    json[reading.name] = reading.value
                             ? Json{{"value", *reading.value}, {"unit", reading.unit}, {"source", reading.source}}
                             : Json{{"value", nullptr}, {"reason", reading.reason}};
  }
  return json;
}

Json GrowthOf(std::span<const double> runs, std::span<const double> bytes) {
  // Each half must be long enough for a test of its own.
  constexpr size_t kFewest = 12;
  if (runs.size() < kFewest) return Reason(fmt::format("{} readings of memory are too few for a slope", runs.size()));
  const std::vector<double> rest = WithoutStep(runs, bytes);
  const core::Slope line = *core::TheilSen(runs, rest);
  const int sign = line.interval.low > 0 ? 1 : line.interval.high < 0 ? -1 : 0;
  const auto halves = {std::span(rest).first(rest.size() / 2), std::span(rest).subspan(rest.size() / 2)};
  if (sign != 0 && std::any_of(halves.begin(), halves.end(),
                               [sign](std::span<const double> half) { return core::Direction(half) != sign; })) {
    return Reason(
        fmt::format("anonymous memory {} by {:.0f} bytes in {} readings, but not throughout: that is no slope",
                    sign > 0 ? "rose" : "fell", std::abs(bytes.back() - bytes.front()), bytes.size()));
  }
  return {
      {"bytes_per_run", line.slope}, {"low", line.interval.low}, {"high", line.interval.high}, {"runs", runs.back()}};
}

Json MemoryGrowth(Scene& scene, int64_t budget_ns) {
  std::vector<FilledRequest> filled = scene.requests(std::max(scene.streams, 1));
  std::vector<double> runs, bytes;
  double done = 0;
  for (size_t part = 0; part < kParts; ++part) {
    const int64_t end = NowNs() + budget_ns / static_cast<int64_t>(kParts);
    do {
      if (scene.inputs_consumed) filled[0].Fill();
      filled[0].request().Run();
      ++done;
      if (scene.cancelled->load(std::memory_order_relaxed))
        return Reason(fmt::format("the pass was cancelled after {} inferences", done));
    } while (NowNs() < end);
    const auto use = ReadMemoryUse();
    if (!use) return Reason("/proc/self/smaps_rollup cannot be read");
    runs.push_back(done);
    // Not USS: a page of a library becomes this process's own when another process that maps it ends.
    bytes.push_back(static_cast<double>(use->pss_anon_bytes.value_or(use->uss_bytes)));
  }
  return GrowthOf(runs, bytes);
}

Json MeasureEnergy(const Plan& plan, Scene& scene) {
  const auto wish = plan.whole.find("energy");
  if (wish == plan.whole.end() || !wish->is_object()) return {};
  const int64_t window_ns = wish->value("window_ns", int64_t{0});
  if (window_ns <= 0) throw Error(ErrorCode::kUsage, "plan: 'energy' needs a 'window_ns' above 0");
  MeterOptions options;
  options.power_command = wish->value("power_command", "");
  std::vector<EnergySource> sources = EnergySources(options);
  const auto start = [&] {
    for (EnergySource& source : sources) source.meter->Start();
    return NowNs();
  };
  const auto stop = [&](int64_t begin) {
    const double seconds = SecondsSince(begin);
    for (EnergySource& source : sources) source.meter->Stop();
    return seconds;
  };
  Json result{{"idle_s", nullptr}, {"load_s", nullptr}, {"runs", 0}, {"sources", Json::array()}};
  // Most machines let nobody read anything: they are not kept waiting for it.
  if (std::none_of(sources.begin(), sources.end(),
                   [](const EnergySource& source) { return source.meter->Present(); })) {
    for (EnergySource& source : sources) result["sources"].push_back(SourceJson(source, source.meter->Readings()));
    return result;
  }
  int64_t begin = start();
  if (!Rest(window_ns, *scene.cancelled)) {
    stop(begin);
    return Reason("the pass was cancelled in its idle window");
  }
  const double idle_s = stop(begin);
  std::vector<std::vector<Reading>> idle;
  for (EnergySource& source : sources) idle.push_back(source.meter->Readings());
  Plan load = plan;
  load.warmup = {.min_runs = 0, .max_runs = 0, .max_ns = 0};
  load.limits = {.count = kNoLimit, .duration_ns = window_ns};
  // The plan's buffer is as small as its count.
  load.max_samples = std::max(plan.max_samples, int64_t{1} << 20);
  begin = start();
  if (load.scenario == "dataset") load.scenario = scene.streams > 1 ? "offline" : "single-stream";
  const Measured measured = RunScenario(load, scene);
  const double load_s = stop(begin);
  if (measured.result["stop_reason"] == StopReasonName(StopReason::kCancelled))
    return Reason("the pass was cancelled in its loaded window");
  result["idle_s"] = idle_s;
  result["load_s"] = load_s;
  result["runs"] = measured.latency_ns.size() * static_cast<size_t>(std::max<int64_t>(load.samples_per_query, 1));
  for (size_t i = 0; i < sources.size(); ++i) result["sources"].push_back(SourceJson(sources[i], idle[i]));
  return result;
}

}  // namespace bakeoff::worker
