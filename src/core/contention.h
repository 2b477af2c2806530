// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What kept this process from running although it wanted to: the hypervisor's other guests, and its own group's quota.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace bakeoff::core {

// Counters, which only rise. nullopt: the machine does not tell.
struct Contention {
  std::optional<int64_t> ticks;                            // clock ticks that have passed on the CPUs, idle ones too
  std::optional<int64_t> stolen;                           // those that a hypervisor gave to other guests
  std::optional<int64_t> throttled_ns, throttled_periods;  // by the quotas of the group and of those above it
};

// Ticks of `cpus`; of all the machine's where it is empty. `root` is "/" but in tests.
Contention ReadContention(const std::vector<int>& cpus, const std::filesystem::path& root = "/");

// What lies between two readings; nullopt where either does not tell.
Contention Between(const Contention& before, const Contention& after);

}  // namespace bakeoff::core
