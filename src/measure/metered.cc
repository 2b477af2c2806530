// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads what meters said, and chooses the energy source that speaks for the run.
#include "measure/metered.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/text.h"
#include "measure/record.h"

namespace bakeoff::measure {
namespace {

std::optional<int64_t> Whole(const Json& json, std::string_view path) {
  const Json& found = At(json, path);
  if (found.is_number_integer()) return found.get<int64_t>();
  // Readings are doubles.
  return found.is_number() ? std::optional(static_cast<int64_t>(found.get<double>())) : std::nullopt;
}
// Joules and watts of one source: its readings together, or why they make no sum.
struct Sum {
  double net_j = 0, load_w = 0, idle_w = 0;
  std::string what;     // what was added up
  std::string missing;  // not empty: a part of it cannot be read, and the rest is not the whole
};
bool Read(const Json& reading) {
  return reading.contains("net_j");
}
std::string Why(const Json& reading) {
  const std::string reason = TextAt(reading, "reason");
  return reason.starts_with("unavailable, because ") ? reason.substr(21) : reason;
}

// The readings that make a source's sum, without those that lie within another: a board's input rail has all the others
// in it, psys (the platform) has the packages in it.
std::vector<Json> PartsOf(const Json& source, Sum& sum) {
  const Json& all = At(source, "readings");
  const auto keep = [&](auto&& wanted) {
    std::vector<Json> kept;
    for (const Json& reading : all) {
      if (wanted(TextAt(reading, "name"))) kept.push_back(reading);
    }
    return kept;
  };
  const auto psys = [](const std::string& name) { return name == "psys"; };
  sum.what = TextAt(source, "covers");
  if (const auto rail = keep([](const std::string& name) { return name.ends_with(" VDD_IN"); }); !rail.empty())
    return {rail[0]};
  if (TextAt(source, "kind") != "rapl") return keep([](const std::string&) { return true; });
  const auto platform = keep(psys);
  if (platform.empty()) return keep([](const std::string&) { return true; });
  if (keep([](const std::string& name) { return name.starts_with("package"); }).empty()) {
    sum.what = "psys, the platform with all that runs on it";
    return platform;
  }
  sum.what += "; psys, which has them in it, is not added";
  return keep([&](const std::string& name) { return !psys(name); });
}

Sum SumOf(const Json& source) {
  Sum sum;
  for (const Json& part : PartsOf(source, sum)) {
    const std::string name = TextAt(part, "name");
    if (Read(part)) {
      sum.net_j += RealAt(part, "net_j").value_or(0);
      sum.load_w += RealAt(part, "load_w").value_or(0);
      sum.idle_w += RealAt(part, "idle_w").value_or(0);
    } else if (name.starts_with("dram of ")) {
      // Packages without their memory are what most machines tell anyway.
      sum.what += fmt::format("; without {}: {}", name, Why(part));
    } else {
      sum.missing += fmt::format("{}{}", sum.missing.empty() ? "" : "; ", Why(part));
    }
  }
  return sum;
}

void TakeEnergy(const Json& energy, const std::string& device, Metered& metered) {
  const Json& sources = At(energy, "sources");
  if (!sources.is_array()) {
    metered.energy_reason = TextAt(energy, "reason");
    if (metered.energy_reason.empty()) metered.energy_reason = "unavailable, because the worker made no energy pass";
    return;
  }
  metered.energy_readings = sources;
  // What somebody attached on purpose speaks first; then what counts the device that computes.
  const std::vector<std::string> order = device == "cpu" ? std::vector<std::string>{"command", "rapl", "hwmon"}
                                                         : std::vector<std::string>{"command", "nvml", "hwmon", "rapl"};
  std::vector<std::string> reasons;
  for (const std::string& kind : order) {
    for (const Json& source : sources) {
      if (TextAt(source, "kind") != kind) continue;
      const Sum sum = SumOf(source);
      const Json& readings = At(source, "readings");
      const bool some = std::any_of(readings.begin(), readings.end(), Read);
      if (!some || !sum.missing.empty()) {
        const char* rest = some ? ", and what else was read is not the whole" : "";
        if (!sum.missing.empty()) reasons.push_back(sum.missing + rest);
        continue;
      }
      const double runs = RealAt(energy, "runs").value_or(0);
      if (runs <= 0) {
        reasons.push_back("no inference ended in the loaded window");
        continue;
      }
      metered.idle_w = sum.idle_w;
      metered.load_w = sum.load_w;
      metered.energy_source = fmt::format("{}: {}", kind, sum.what);
      if (sum.net_j > 0) {
        metered.joules_per_inference = sum.net_j / runs;
      } else {
        metered.energy_reason = fmt::format(
            "unavailable, because {:.4g} W under load were not above {:.4g} W while idle", sum.load_w, sum.idle_w);
      }
      return;
    }
  }
  metered.energy_reason = fmt::format("unavailable, because {}",
                                      reasons.empty() ? "no source speaks for this device" : core::Join(reasons, "; "));
}

}  // namespace

Metered MeteredFrom(const Json& result, const Json& load_use, const std::string& device) {
  Metered metered;
  metered.load_pss_bytes = Whole(load_use, "pss_bytes");
  metered.load_uss_bytes = Whole(load_use, "uss_bytes");
  metered.load_pss_file_bytes = Whole(load_use, "pss_file_bytes");
  metered.first_pss_bytes = Whole(result, "memory_first.pss_bytes");
  metered.first_uss_bytes = Whole(result, "memory_first.uss_bytes");
  metered.first_pss_file_bytes = Whole(result, "memory_first.pss_file_bytes");
  metered.steady_pss_bytes = Whole(result, "memory_steady.pss_bytes");
  metered.steady_uss_bytes = Whole(result, "memory_steady.uss_bytes");
  metered.steady_pss_file_bytes = Whole(result, "memory_steady.pss_file_bytes");
  const int64_t buffers = Whole(result, "sample_buffer_bytes").value_or(0);
  for (auto* bytes : {&metered.steady_pss_bytes, &metered.steady_uss_bytes}) {
    if (*bytes) **bytes -= buffers;
  }
  metered.growth_bytes = RealAt(result, "memory_growth.bytes_per_run");
  metered.growth_low_bytes = RealAt(result, "memory_growth.low");
  metered.growth_high_bytes = RealAt(result, "memory_growth.high");
  metered.growth_runs = Whole(result, "memory_growth.runs");
  metered.growth_reason = TextAt(result, "memory_growth.reason");
  metered.voluntary_switches = Whole(result, "events.voluntary_switches.value");
  metered.involuntary_switches = Whole(result, "events.involuntary_switches.value");
  metered.minor_faults = Whole(result, "events.minor_faults.value");
  metered.major_faults = Whole(result, "events.major_faults.value");
  metered.instructions = Whole(result, "events.instructions.value");
  metered.cycles = Whole(result, "events.cycles.value");
  metered.steal_ns = Whole(result, "contention.steal_ns");
  metered.steal_share = RealAt(result, "contention.steal_share");
  metered.throttled_ns = Whole(result, "contention.throttled_ns");
  metered.throttled_periods = Whole(result, "contention.throttled_periods");
  metered.threads = At(result, "cpu_threads");
  metered.over_time = At(result, "cpu_over_time");
  metered.counters_reason = TextAt(result, "events.instructions.reason");
  TakeEnergy(At(result, "energy"), device, metered);
  return metered;
}

Metered MeteredOfRecord(const Json& record) {
  return {.load_pss_bytes = Whole(record, "memory.load_pss_bytes"),
          .load_uss_bytes = Whole(record, "memory.load_uss_bytes"),
          .load_pss_file_bytes = Whole(record, "memory.load_pss_file_bytes"),
          .first_pss_bytes = Whole(record, "memory.first_pss_bytes"),
          .first_uss_bytes = Whole(record, "memory.first_uss_bytes"),
          .first_pss_file_bytes = Whole(record, "memory.first_pss_file_bytes"),
          .steady_pss_bytes = Whole(record, "memory.steady_pss_bytes"),
          .steady_uss_bytes = Whole(record, "memory.steady_uss_bytes"),
          .steady_pss_file_bytes = Whole(record, "memory.steady_pss_file_bytes"),
          .growth_bytes = RealAt(record, "memory.growth_per_inference_bytes"),
          .growth_low_bytes = RealAt(record, "memory.growth_low_bytes"),
          .growth_high_bytes = RealAt(record, "memory.growth_high_bytes"),
          .growth_runs = Whole(record, "memory.growth_inferences"),
          .growth_reason = TextAt(record, "memory.growth_reason"),
          .voluntary_switches = Whole(record, "cpu.voluntary_switches"),
          .involuntary_switches = Whole(record, "cpu.involuntary_switches"),
          .minor_faults = Whole(record, "cpu.minor_faults"),
          .major_faults = Whole(record, "cpu.major_faults"),
          .instructions = Whole(record, "cpu.instructions"),
          .cycles = Whole(record, "cpu.cycles"),
          .steal_ns = Whole(record, "cpu.steal_ns"),
          .throttled_ns = Whole(record, "cpu.throttled_ns"),
          .throttled_periods = Whole(record, "cpu.throttled_periods"),
          .steal_share = RealAt(record, "cpu.steal_share"),
          .threads = At(record, "cpu.threads"),
          .over_time = At(record, "cpu.over_time"),
          .counters_reason = TextAt(record, "cpu.counters_reason"),
          .joules_per_inference = RealAt(record, "energy.joules_per_inference"),
          .idle_w = RealAt(record, "energy.idle_w"),
          .load_w = RealAt(record, "energy.load_w"),
          .energy_source = TextAt(record, "energy.source"),
          .energy_reason = TextAt(record, "energy.reason"),
          .energy_readings = At(record, "energy.readings")};
}

std::string GrowthNote(const Metered& metered) {
  // Allocators keep and give back pages: less than 64 KiB over the whole pass is no leak that could be told from that.
  constexpr double kLeast = 65'536;
  if (!metered.growth_bytes || !metered.growth_low_bytes || *metered.growth_low_bytes <= 0) return "";
  if (*metered.growth_bytes * static_cast<double>(metered.growth_runs.value_or(0)) < kLeast) return "";
  return fmt::format("memory grows by {:.0f} bytes per inference (99 %: {:.0f} to {:.0f})", *metered.growth_bytes,
                     *metered.growth_low_bytes, metered.growth_high_bytes.value_or(0));
}

std::string ContentionNote(const Metered& metered) {
  // One throttled period stops all threads for up to 100 ms: there is no harmless number of them.
  if (metered.throttled_periods.value_or(0) > 0)
    return fmt::format(
        "the CPU quota stopped it {} time{} while it was measured ({:.0f} ms in all): fewer --threads, or lift the "
        "quota",
        *metered.throttled_periods, *metered.throttled_periods == 1 ? "" : "s",
        static_cast<double>(metered.throttled_ns.value_or(0)) / 1e6);
  // Counted in ticks of 10 ms, so one or two may be rounding; a hundredth of the time moves a tail.
  constexpr int64_t kLeastNs = 30'000'000;
  constexpr double kLeastShare = 0.01;
  if (metered.steal_ns.value_or(0) >= kLeastNs && metered.steal_share.value_or(0) >= kLeastShare)
    return fmt::format("the hypervisor gave {:.0f} % of its CPUs' time to other guests while it was measured (steal)",
                       100 * *metered.steal_share);
  return "";
}

}  // namespace bakeoff::measure
