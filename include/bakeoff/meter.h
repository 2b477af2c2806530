// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The meter contract: something on this machine that counts while inferences run. One file under meters/ each.
//
// A meter is made, started and stopped on one thread of the worker, around windows that lie outside of any timed loop:
// Start() and Stop() may take milliseconds. Between them it may have a thread of its own only if that wakes less than
// 50 times per second, and such meters run in passes of their own, never in a latency pass.
// What cannot be read is a reading without a value, with the reason; 0 is a value.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bakeoff {

struct Reading {
  std::string name;             // "package-0"
  std::string unit;             // "J"
  std::optional<double> value;  // of the window
  std::string source;           // "/sys/class/powercap/intel-rapl:0/energy_uj"
  std::string reason;           // where there is no value: "unavailable, because ..."
  double seconds = 0;           // length of the window, as this meter saw it
};

class Meter {
 public:
  virtual ~Meter() = default;
  // Whether there is anything on this machine for it to read.
  virtual bool Present() const = 0;
  virtual void Start() = 0;
  virtual void Stop() = 0;
  // Of the last window; at least one, which says why, where nothing could be read.
  virtual std::vector<Reading> Readings() const = 0;
};

struct MeterOptions {
  std::filesystem::path root = "/";  // another one in tests: /proc and /sys below it are read
  std::string power_command;         // of the user: prints the watts of an external meter, one number per line
};

// What energy can be read from. A source covers parts of the machine (a package, memory, a GPU); sources of different
// kinds may cover the same part, so they are never added up but within one.
struct EnergySource {
  std::string kind;    // "rapl", "nvml", "hwmon", "command"
  std::string covers;  // in words
  std::unique_ptr<Meter> meter;
};
std::vector<EnergySource> EnergySources(const MeterOptions& options);

// Memory of this process right now, split as /proc/self/smaps_rollup tells it. nullopt where the kernel has none.
struct MemoryUse {
  int64_t pss_bytes = 0;  // shared pages by the number of their users
  int64_t uss_bytes = 0;  // pages of this process alone
  std::optional<int64_t> pss_anon_bytes, pss_file_bytes,
      pss_shmem_bytes;  // since Linux 5.4; file: mapped weights, code
};
std::optional<MemoryUse> ReadMemoryUse(const std::filesystem::path& root = "/");

// CPU time of each thread of this process since the thread began, in no order.
struct ThreadUse {
  int id = 0;
  std::string name;  // as the kernel has it: at most 15 characters, of the thread that made it unless it was named
  int64_t time_ns = 0;
};
std::vector<ThreadUse> ReadThreadUse(const std::filesystem::path& root = "/");

// Events of the whole process: context switches, page faults, and, where the kernel allows it, instructions and cycles.
std::unique_ptr<Meter> MakeCpuEvents();

}  // namespace bakeoff
