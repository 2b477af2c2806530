// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Events of this process from getrusage() and, where the kernel allows it, perf_event_open().
#include <dirent.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "bakeoff/meter.h"
#include "core/text.h"
#include "perf_events.h"

namespace bakeoff {
namespace {

struct Counter {
  const char* name;
  uint64_t config;
};
constexpr std::array kCounters = {Counter{"instructions", PERF_COUNT_HW_INSTRUCTIONS},
                                  Counter{"cycles", PERF_COUNT_HW_CPU_CYCLES}};

std::vector<pid_t> Threads() {
  std::vector<pid_t> threads;
  DIR* folder = opendir("/proc/self/task");
  if (!folder) return threads;
  while (const dirent* entry = readdir(folder)) {
    if (const auto thread = core::ParseInt(entry->d_name)) threads.push_back(static_cast<pid_t>(*thread));
  }
  closedir(folder);
  return threads;
}

// User mode only: what a perf_event_paranoid of 2 still allows. Threads that are made later are counted with those that
// make them.
int Open(const Counter& counter, pid_t thread) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof(attributes);
  attributes.config = counter.config;
  attributes.inherit = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

namespace meters {

std::optional<double> SumOfCounters(std::span<const int> descriptors, std::string& reason) {
  double sum = 0;
  bool ran = false;
  for (const int fd : descriptors) {
    uint64_t told[3] = {};  // value, time enabled, time running
    const ssize_t got = read(fd, told, sizeof(told));
    if (got != sizeof(told)) {
      reason =
          fmt::format("a performance counter cannot be read: {}", got < 0 ? std::strerror(errno) : "it says nothing");
      return std::nullopt;
    }
    // A thread that slept has neither time: nothing of it was missed.
    if (told[1] > 0 && told[2] == 0) {
      reason = "the processor's counters were busy with other events";
      return std::nullopt;
    }
    if (told[2] == 0) continue;
    ran = true;
    // Where the kernel shares counters among events, it counts a part of the time.
    sum += static_cast<double>(told[0]) * static_cast<double>(told[1]) / static_cast<double>(told[2]);
  }
  if (ran) return sum;
  reason = "no performance counter ran";
  return std::nullopt;
}

}  // namespace meters

namespace {

class CpuEvents final : public Meter {
 public:
  ~CpuEvents() override { Close(); }

  bool Present() const override { return true; }
  void Start() override {
    Close();
    for (size_t i = 0; i < kCounters.size(); ++i) {
      values_[i].reset();
      reasons_[i].clear();
      for (const pid_t thread : Threads()) {
        const int fd = Open(kCounters[i], thread);
        if (fd >= 0) {
          open_[i].push_back(fd);
        } else if (errno != ESRCH) {
          reasons_[i] = fmt::format("perf_event_open() refuses {}: {}", kCounters[i].name, std::strerror(errno));
          break;
        }
      }
    }
    getrusage(RUSAGE_SELF, &before_);
  }

  void Stop() override {
    getrusage(RUSAGE_SELF, &after_);
    for (size_t i = 0; i < kCounters.size(); ++i) {
      if (!reasons_[i].empty()) continue;
      values_[i] = meters::SumOfCounters(open_[i], reasons_[i]);
    }
    Close();
  }

  std::vector<Reading> Readings() const override {
    const auto event = [&](const char* name, long rusage::* member) {
      return Reading{name, "", static_cast<double>(after_.*member - before_.*member), "getrusage", ""};
    };
    std::vector<Reading> readings = {
        event("voluntary_switches", &rusage::ru_nvcsw), event("involuntary_switches", &rusage::ru_nivcsw),
        event("minor_faults", &rusage::ru_minflt), event("major_faults", &rusage::ru_majflt)};
    for (size_t i = 0; i < kCounters.size(); ++i) {
      if (values_[i]) {
        readings.push_back({kCounters[i].name, "", values_[i], "perf_event_open, user mode", ""});
      } else {
        readings.push_back({kCounters[i].name, "", std::nullopt, "",
                            "unavailable, because " + (reasons_[i].empty() ? "nothing was measured" : reasons_[i])});
      }
    }
    return readings;
  }

 private:
  void Close() {
    for (auto& descriptors : open_) {
      for (const int fd : descriptors) close(fd);
      descriptors.clear();
    }
  }

  rusage before_{}, after_{};
  std::array<std::vector<int>, kCounters.size()> open_;
  std::array<std::optional<double>, kCounters.size()> values_;
  std::array<std::string, kCounters.size()> reasons_;
};

}  // namespace

std::unique_ptr<Meter> MakeCpuEvents() {
  return std::make_unique<CpuEvents>();
}

}  // namespace bakeoff
