// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How much CPU time this process's control group may use. Read, never written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace bakeoff::core {

struct CpuQuota {
  int version = 0;             // of control groups: 0 (none found), 1 or 2
  std::optional<double> cpus;  // the tightest limit on the way up; nullopt: none
  // Of the group and those above it, since each was made.
  std::optional<int64_t> throttled_ns;
  std::optional<int64_t> throttled_periods;
};

// `root` is "/" but in tests.
CpuQuota ReadCpuQuota(const std::filesystem::path& root = "/");

// What --threads means when nobody says: the CPUs of the affinity mask, but no more than the quota gives whole.
int DefaultThreads(const CpuQuota& quota, int allowed_cpus);
// For this process.
int DefaultThreads();

}  // namespace bakeoff::core
