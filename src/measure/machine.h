// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The machine that a result belongs to, and how far its numbers can be trusted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "core/cgroup.h"

namespace bakeoff::measure {

// Facts from /proc, /sys and uname(). "" or nullopt: the machine does not tell.
struct Machine {
  std::string cpu_model, architecture, kernel, os, microcode, instruction_flags;
  int logical_cpus = 0;  // of the machine
  int allowed_cpus = 0;  // of this process's affinity mask
  std::optional<int> physical_cores, numa_nodes;
  std::optional<bool> smt;
  std::string governor;  // of the allowed CPUs; several are joined with commas
  std::optional<bool> turbo;
  std::optional<int64_t> memory_bytes, memory_available_bytes;
  std::optional<double> load_average;  // of the last minute
  std::string caches;                  // "L1d 48K, L1i 32K, L2 2048K, L3 36864K", of the first allowed CPU
  // Clock ticks of all CPUs since the boot, and those that the hypervisor gave to others.
  std::optional<int64_t> cpu_ticks, steal_ticks;
  std::string libc;            // that this program runs with
  std::string git_revision;    // of the working folder: what is measured often lies in a repository
  std::string virtualisation;  // "kvm", "container", "hypervisor"; "" where nothing was found
  core::CpuQuota quota;
};

// `root` is "/" but in tests; what does not come from files (uname, the affinity mask) is this machine's.
Machine ReadMachine(const std::filesystem::path& root = "/");
Json ToJson(const Machine& machine);

struct Doubt {
  char grade = 'B';  // no better than this because of it
  std::string reason;
  std::string remedy;
};

// A: nothing known that disturbs. B: small differences (a few per cent) may be noise. C: absolute numbers do not carry
// over to other machines or times. D: something else was competing for the CPUs; measure again.
struct Environment {
  char grade = 'A';
  std::vector<Doubt> doubts;
};

// `threads`: the largest budget of the plan. Machines before and after the measurement.
Environment Grade(const Machine& before, const Machine& after, int threads);
Json ToJson(const Environment& environment);
// The inverse; grade '?' for what is none (a benchmark that was killed has no grade).
Environment EnvironmentFrom(const Json& json);
// "environment C; virtualised: kvm (measure on the bare machine)": the grade with its reasons and what would help.
std::string GradeText(const Environment& environment);

}  // namespace bakeoff::measure
