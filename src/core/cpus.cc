// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// CPU masks by sched_getaffinity; cores by the kernel's topology files.
#include "core/cpus.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "bakeoff/error.h"

namespace bakeoff::core {
namespace {

// Enough for any kernel's CONFIG_NR_CPUS.
constexpr int kMostCpus = 8192;

struct FreeSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};

// Hardware threads of one core share this text ("0,4"); without topology files every CPU is its own core.
std::string CoreOf(int cpu) {
  std::ifstream file(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
  std::string text;
  if (!std::getline(file, text)) text = fmt::format("{}", cpu);
  return text;
}

}  // namespace

std::vector<int> AllowedCpus() {
  const std::unique_ptr<cpu_set_t, FreeSet> set(CPU_ALLOC(kMostCpus));
  const size_t bytes = CPU_ALLOC_SIZE(kMostCpus);
  CPU_ZERO_S(bytes, set.get());
  std::vector<int> cpus;
  if (sched_getaffinity(0, bytes, set.get()) == 0) {
    for (int cpu = 0; cpu < kMostCpus; ++cpu) {
      if (CPU_ISSET_S(cpu, bytes, set.get())) cpus.push_back(cpu);
    }
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

std::vector<int> PickCpus(const std::vector<int>& allowed, int count) {
  const auto wanted = static_cast<size_t>(std::max(count, 1));
  if (allowed.size() <= wanted) return allowed;
  std::map<std::string, int> taken;
  std::vector<std::pair<int, int>> order;  // how many of the same core come before, cpu
  for (const int cpu : allowed) order.emplace_back(taken[CoreOf(cpu)]++, cpu);
  std::sort(order.begin(), order.end());
  std::vector<int> picked;
  for (size_t i = 0; i < wanted; ++i) picked.push_back(order[i].second);
  std::sort(picked.begin(), picked.end());
  return picked;
}

void SetCpus(const std::vector<int>& cpus) {
  const std::unique_ptr<cpu_set_t, FreeSet> set(CPU_ALLOC(kMostCpus));
  const size_t bytes = CPU_ALLOC_SIZE(kMostCpus);
  CPU_ZERO_S(bytes, set.get());
  for (const int cpu : cpus) CPU_SET_S(cpu, bytes, set.get());
  if (sched_setaffinity(0, bytes, set.get()) != 0) {
    throw Error(ErrorCode::kUnavailable,
                fmt::format("cannot restrict the process to {} CPUs: {}", cpus.size(), std::strerror(errno)));
  }
}

}  // namespace bakeoff::core
