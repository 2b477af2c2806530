// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The window.
#include "worker/runner/cpu_window.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

#include "core/cpus.h"
#include "worker/runner/connection.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {
namespace {

// More threads than anybody reads: the smallest are put together.
constexpr size_t kMostThreads = 64;

int64_t ProcessCpuNs() {
  timespec time{};
  return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 ? time.tv_sec * 1'000'000'000LL + time.tv_nsec : 0;
}

// Those of the harness that speak with the host: no engine's, and not held to --threads.
bool IsHarness(const ThreadUse& thread) {
  return thread.name == kProgressThread || thread.name == kReaderThread;
}

}  // namespace

void CpuTimeline::Begin(int64_t now_ns, int64_t cpu_ns) {
  begin_ = {now_ns, cpu_ns};
  readings_.clear();
  readings_.reserve(kMost);
  seen_ = 0;
  every_ = 1;
}

void CpuTimeline::Add(int64_t now_ns, int64_t cpu_ns) {
  if (++seen_ % every_ != 0) return;
  if (readings_.size() + 1 == kMost) {  // one place is End()'s
    // Counters add up: leaving out every second one doubles the stretches.
    for (size_t i = 0; 2 * i + 1 < readings_.size(); ++i) readings_[i] = readings_[2 * i + 1];
    readings_.resize(readings_.size() / 2);
    every_ *= 2;
    if (seen_ % every_ != 0) return;
  }
  readings_.push_back({now_ns, cpu_ns});
}

void CpuTimeline::End(int64_t now_ns, int64_t cpu_ns) {
  const size_t n = readings_.size();
  if (n > 0) {
    const int64_t before = n > 1 ? readings_[n - 2].now_ns : begin_.now_ns;
    const bool soon = (now_ns - readings_[n - 1].now_ns) * 2 < readings_[n - 1].now_ns - before;
    if (soon) readings_.pop_back();
  }
  readings_.push_back({now_ns, cpu_ns});
}

Json CpuTimeline::Points() const {
  Json points = Json::array();
  Reading last = begin_;
  for (const Reading& reading : readings_) {
    if (reading.now_ns <= last.now_ns) continue;
    const double cpus =
        static_cast<double>(reading.cpu_ns - last.cpu_ns) / static_cast<double>(reading.now_ns - last.now_ns);
    points.push_back({{"at_ns", reading.now_ns - begin_.now_ns}, {"utilisation", std::round(cpus * 1000) / 1000}});
    last = reading;
  }
  return points;
}

void CpuWindow::Start() {
  cpus_ = core::AllowedCpus();
  contention_ = core::ReadContention(cpus_, root_);
  events_->Start();
  before_.clear();
  for (const ThreadUse& thread : ReadThreadUse()) before_[thread.id] = thread.time_ns;
  const std::lock_guard lock(mutex_);
  open_ = true;
  cpu_ns_ = -ProcessCpuNs();
  timeline_.Begin(NowNs(), -cpu_ns_);
}

void CpuWindow::Stop() {
  {
    const std::lock_guard lock(mutex_);
    const int64_t now = ProcessCpuNs();
    timeline_.End(NowNs(), now);
    cpu_ns_ += now;
    open_ = false;
  }
  events_->Stop();
  contention_ = core::Between(contention_, core::ReadContention(cpus_, root_));
  used_ = ReadThreadUse();
  for (ThreadUse& thread : used_) {
    if (const auto before = before_.find(thread.id); before != before_.end()) thread.time_ns -= before->second;
  }
}

void CpuWindow::Sample() {
  const std::lock_guard lock(mutex_);
  if (open_) timeline_.Add(NowNs(), ProcessCpuNs());
}

ProgressThread::Counter CpuWindow::Sampled(ProgressThread::Counter counter) {
  return [this, counter = std::move(counter)] {
    Sample();
    return counter();
  };
}

std::optional<int> CpuWindow::threads_busy() const {
  if (cpu_ns_ <= 0) return std::nullopt;
  return static_cast<int>(std::count_if(used_.begin(), used_.end(), [this](const ThreadUse& thread) {
    return thread.time_ns * 10 >= cpu_ns_ && !IsHarness(thread);
  }));
}

Json CpuWindow::threads() const {
  return ThreadsJson(used_, cpu_ns_);
}

Json CpuWindow::over_time() const {
  const std::lock_guard lock(mutex_);
  return timeline_.Points();
}

Json CpuWindow::contention() const {
  Json json = Json::object();
  if (contention_.stolen && contention_.ticks.value_or(0) > 0) {
    json["steal_ns"] = *contention_.stolen * (1'000'000'000 / sysconf(_SC_CLK_TCK));
    json["steal_share"] = static_cast<double>(*contention_.stolen) / static_cast<double>(*contention_.ticks);
  }
  if (contention_.throttled_ns) json["throttled_ns"] = *contention_.throttled_ns;
  if (contention_.throttled_periods) json["throttled_periods"] = *contention_.throttled_periods;
  return json;
}

Json ThreadsJson(std::span<const ThreadUse> used, int64_t cpu_ns) {
  std::vector<ThreadUse> threads(used.begin(), used.end());
  std::erase_if(threads, [](const ThreadUse& thread) { return thread.time_ns <= 0; });
  std::sort(threads.begin(), threads.end(), [](const ThreadUse& one, const ThreadUse& other) {
    return std::pair(-one.time_ns, one.id) < std::pair(-other.time_ns, other.id);
  });
  int64_t of_ended = cpu_ns;
  for (const ThreadUse& thread : threads) of_ended -= thread.time_ns;
  if (threads.size() > kMostThreads) {
    ThreadUse rest{.name = fmt::format("({} others)", threads.size() - kMostThreads + 1)};
    for (size_t i = kMostThreads - 1; i < threads.size(); ++i) rest.time_ns += threads[i].time_ns;
    threads.resize(kMostThreads - 1);
    threads.push_back(rest);
  }
  // Below 1 % it is what lies between the looks at one clock and the other.
  if (of_ended * 100 >= cpu_ns && of_ended > 0) threads.push_back({.name = "(ended meanwhile)", .time_ns = of_ended});
  Json json = Json::array();
  for (const ThreadUse& thread : threads) json.push_back({{"name", thread.name}, {"time_ns", thread.time_ns}});
  return json;
}

}  // namespace bakeoff::worker
