// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// CPU time of each thread of this process: from the kernel's clock of the thread, exact to the moment, or from the
// ticks that /proc counts.
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <string_view>

#include "bakeoff/meter.h"
#include "core/text.h"

namespace bakeoff {
namespace {

namespace fs = std::filesystem;

std::string Contents(const fs::path& path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

// The encoding is the kernel's user interface (CPUCLOCK_PERTHREAD | CPUCLOCK_SCHED), the one that
// pthread_getcpuclockid() hides.
std::optional<int64_t> ClockOf(int thread) {
  timespec time{};
  if (clock_gettime(static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3) | 6u), &time) != 0)
    return std::nullopt;
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

// Fields 14 and 15 of a stat line, utime and stime. The name in field 2 may have anything in it, brackets and spaces
// too: what is counted begins after its last bracket.
std::optional<int64_t> TicksOf(std::string_view stat) {
  const size_t name_end = stat.rfind(')');
  if (name_end == stat.npos) return std::nullopt;
  const auto fields = core::Split(core::Trim(stat.substr(name_end + 1)), ' ');
  if (fields.size() < 13) return std::nullopt;
  const auto user = core::ParseInt(fields[11]), system = core::ParseInt(fields[12]);
  if (!user || !system) return std::nullopt;
  return (*user + *system) * (1'000'000'000LL / sysconf(_SC_CLK_TCK));
}

}  // namespace

std::vector<ThreadUse> ReadThreadUse(const fs::path& root) {
  const bool live = root == "/";
  std::vector<ThreadUse> threads;
  std::error_code gone;
  for (fs::directory_iterator task(root / "proc/self/task", gone), end; !gone && task != end; task.increment(gone)) {
    const auto id = core::ParseInt(task->path().filename().string());
    if (!id) continue;
    auto time = live ? ClockOf(static_cast<int>(*id)) : std::nullopt;
    if (!time) time = TicksOf(Contents(task->path() / "stat"));
    if (!time) continue;  // it has ended since
    threads.push_back({static_cast<int>(*id), std::string(core::Trim(Contents(task->path() / "comm"))), *time});
  }
  return threads;
}

}  // namespace bakeoff
