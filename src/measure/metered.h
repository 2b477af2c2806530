// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the meters of the worker said of a run: memory by phase, events of the process, energy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bakeoff/json.h"

namespace bakeoff::measure {

struct Metered {
  // After load, after the first inference, after the timed part: proportional set size, what of memory is the process'
  // alone, and what of the first are pages of files. The buffers for samples are taken off.
  std::optional<int64_t> load_pss_bytes, load_uss_bytes, load_pss_file_bytes;
  std::optional<int64_t> first_pss_bytes, first_uss_bytes, first_pss_file_bytes;
  std::optional<int64_t> steady_pss_bytes, steady_uss_bytes, steady_pss_file_bytes;
  // Growth of anonymous memory per inference after the timed part, with its 99 % interval.
  std::optional<double> growth_bytes, growth_low_bytes, growth_high_bytes;
  std::optional<int64_t> growth_runs;
  std::string growth_reason;  // why there is none
  // Of the timed part.
  std::optional<int64_t> voluntary_switches, involuntary_switches, minor_faults, major_faults, instructions, cycles;
  // What kept the worker from running: stolen by the hypervisor (of its CPUs), throttled by a quota.
  std::optional<int64_t> steal_ns, throttled_ns, throttled_periods;
  std::optional<double> steal_share;
  Json threads, over_time;      // [{"name", "time_ns"}]; [{"at_ns", "utilisation"}]; null: not told
  std::string counters_reason;  // why there are no instructions and cycles

  std::optional<double> joules_per_inference, idle_w, load_w;
  std::string energy_source;  // "rapl: processor packages, all that runs on them"
  std::string energy_reason;  // why there are no joules, of each source that was asked
  Json energy_readings;       // of every source; null where there was no pass
};

// `result` of a measure reply, `load_use` of the load reply. `device`: whose energy counts where several can be read.
Metered MeteredFrom(const Json& result, const Json& load_use, const std::string& device);

// The fields of a record (fields.cc writes them).
Metered MeteredOfRecord(const Json& record);

// "memory grows by 1024 bytes per inference"; "" where nothing proves it.
std::string GrowthNote(const Metered& metered);

// Who took CPU time from the timed part, where it is enough to matter; "" else.
std::string ContentionNote(const Metered& metered);

}  // namespace bakeoff::measure
