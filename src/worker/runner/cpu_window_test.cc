// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// CPU time by thread and over time.
#include "worker/runner/cpu_window.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>

#include "core/cpus.h"
#include "core/test_folder.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {
namespace {

constexpr int64_t kMs = 1'000'000;

TEST(CpuWindow, CountsTheThreadsThatWorked) {
  std::atomic<bool> stop{false};
  std::atomic<bool> idle_stop{false};
  std::thread idle([&] { idle_stop.wait(false); });
  std::thread busy([&] {
    while (!stop) {
    }
  });
  CpuWindow window;
  window.Start();
  const int64_t begin = NowNs();
  while (NowNs() - begin < 50'000'000) {
  }
  window.Stop();
  stop = idle_stop = true;
  idle_stop.notify_all();
  busy.join();
  idle.join();
  EXPECT_GT(window.cpu_ns(), 0);
  ASSERT_TRUE(window.threads_busy());
  EXPECT_GE(*window.threads_busy(), 1);
  EXPECT_LE(*window.threads_busy(), 2);  // the idle one never
}

// A server that is asked seldom needs less CPU time than a few reports to the host.
TEST(CpuWindow, CountsNoThreadOfTheHarnessAsBusy) {
  std::atomic<bool> stop{false};
  std::thread reports([&] {
    pthread_setname_np(pthread_self(), kProgressThread);
    while (!stop) {
    }
  });
  CpuWindow window;
  window.Start();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  window.Stop();
  stop = true;
  reports.join();
  ASSERT_GT(window.cpu_ns(), 5 * kMs);
  ASSERT_EQ(window.threads()[0]["name"], kProgressThread);
  EXPECT_EQ(window.threads_busy(), 0);
}

// Lines of /proc/stat for all CPUs that this process may use, each with so many stolen ticks of 200.
std::string Stat(int stolen, int idle) {
  std::string text = "cpu  1 1 1 1 1 1 1 1 0 0\n";
  for (const int cpu : core::AllowedCpus()) text += fmt::format("cpu{} 50 0 0 {} 0 0 0 {} 0 0\n", cpu, idle, stolen);
  return text;
}

TEST(CpuWindow, TellsWhatWasStolenAndThrottledMeanwhile) {
  const core::TestFolder root;
  root.Write("proc/stat", Stat(10, 100));
  root.Write("proc/self/cgroup", "0::/job\n");
  root.Write("sys/fs/cgroup/cgroup.controllers", "cpu\n");
  root.Write("sys/fs/cgroup/job/cpu.stat", "nr_throttled 3\nthrottled_usec 9000\n");
  CpuWindow window(root.path());
  window.Start();
  root.Write("proc/stat", Stat(15, 195));
  root.Write("sys/fs/cgroup/job/cpu.stat", "nr_throttled 5\nthrottled_usec 59000\n");
  window.Stop();
  const Json told = window.contention();
  const auto cpus = static_cast<int64_t>(core::AllowedCpus().size());
  EXPECT_EQ(told["steal_ns"], cpus * 5 * 10 * kMs);
  EXPECT_DOUBLE_EQ(told["steal_share"], 0.05);
  EXPECT_EQ(told["throttled_periods"], 2);
  EXPECT_EQ(told["throttled_ns"], 50 * kMs);
}

TEST(CpuWindow, SaysNothingOfWhatTheMachineDoesNotTell) {
  const core::TestFolder root;
  CpuWindow window(root.path());
  window.Start();
  window.Stop();
  EXPECT_EQ(window.contention(), Json::object());
}

TEST(CpuWindow, ListsThreadsByNameWithTheirTimes) {
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    pthread_setname_np(pthread_self(), "a (busy) one");
    while (!stop) {
    }
  });
  CpuWindow window;
  window.Start();
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  // Its time goes to nobody's row.
  std::thread([] {
    for (const int64_t end = NowNs() + 30 * kMs; NowNs() < end;) {
    }
  }).join();
  window.Stop();
  stop = true;
  busy.join();
  const Json threads = window.threads();
  int64_t sum = 0;
  std::map<std::string, int64_t> times;
  for (const Json& thread : threads) {
    times[thread["name"]] += thread["time_ns"].get<int64_t>();
    sum += thread["time_ns"].get<int64_t>();
  }
  EXPECT_EQ(threads[0]["name"], "a (busy) one") << threads;
  EXPECT_GT(times["a (busy) one"], 5 * kMs);
  EXPECT_GT(times["(ended meanwhile)"], 1 * kMs);
  EXPECT_NEAR(static_cast<double>(sum), static_cast<double>(window.cpu_ns()), 2e6);
}

TEST(CpuWindow, SamplesOnlyWhileItIsOpen) {
  CpuWindow window;
  const auto counter = window.Sampled([] { return int64_t{7}; });
  EXPECT_EQ(counter(), 7);
  window.Start();
  const int64_t begin = NowNs();
  for (int part = 0; part < 4; ++part) {
    for (const int64_t end = NowNs() + 20 * kMs; NowNs() < end;) {
    }
    EXPECT_EQ(counter(), 7);
  }
  window.Stop();
  const int64_t wall = NowNs() - begin;
  counter();
  const Json points = window.over_time();
  ASSERT_EQ(points.size(), 4u);
  EXPECT_LE(points[3]["at_ns"].get<int64_t>(), wall);
  double cpu_ns = 0;
  int64_t last = 0;
  for (const Json& point : points) {
    const auto at = point["at_ns"].get<int64_t>();
    EXPECT_GT(at, last);
    cpu_ns += point["utilisation"].get<double>() * static_cast<double>(at - last);
    last = at;
  }
  EXPECT_NEAR(cpu_ns, static_cast<double>(window.cpu_ns()), 2e6);
}

TEST(CpuTimeline, SaysWhatWasBusyInEachStretch) {
  CpuTimeline timeline;
  timeline.Begin(1000 * kMs, 500 * kMs);
  timeline.Add(1100 * kMs, 700 * kMs);  // 2 CPUs
  timeline.Add(1200 * kMs, 700 * kMs);  // none
  timeline.End(1300 * kMs, 850 * kMs);  // 1.5
  EXPECT_EQ(timeline.Points(), Json::parse(R"([{"at_ns": 100000000, "utilisation": 2.0},
                                               {"at_ns": 200000000, "utilisation": 0.0},
                                               {"at_ns": 300000000, "utilisation": 1.5}])"));
}

TEST(CpuTimeline, ARestTooShortToTellJoinsTheStretchBefore) {
  CpuTimeline timeline;
  timeline.Begin(0, 0);
  timeline.Add(100 * kMs, 100 * kMs);
  timeline.Add(200 * kMs, 200 * kMs);
  timeline.End(210 * kMs, 210 * kMs);
  EXPECT_EQ(timeline.Points().size(), 2u);
  EXPECT_EQ(timeline.Points()[1]["at_ns"], 210 * kMs);
  EXPECT_EQ(timeline.Points()[1]["utilisation"], 1.0);
}

TEST(CpuTimeline, AnHourIsThinnedOutAndLosesNothing) {
  CpuTimeline timeline;
  timeline.Begin(0, 0);
  constexpr int64_t kReadings = 5 * 3600;
  for (int64_t i = 1; i <= kReadings; ++i) timeline.Add(i * 200 * kMs, i * 300 * kMs);
  timeline.End((kReadings * 200 + 5) * kMs, (kReadings * 300 + 7) * kMs);
  const Json points = timeline.Points();
  EXPECT_GE(points.size(), CpuTimeline::kMost / 2);
  EXPECT_LE(points.size(), CpuTimeline::kMost);
  for (const Json& point : points) EXPECT_NEAR(point["utilisation"].get<double>(), 1.5, 0.002);
  EXPECT_EQ(points.back()["at_ns"], (kReadings * 200 + 5) * kMs);
}

TEST(ThreadsJson, PutsTheSmallestOfManyTogether) {
  std::vector<ThreadUse> used;
  for (int i = 1; i <= 100; ++i) used.push_back({i, "pool", i * kMs});
  used.push_back({101, "idle", 0});
  const Json threads = ThreadsJson(used, 5050 * kMs);
  ASSERT_EQ(threads.size(), 64u);
  EXPECT_EQ(threads[0]["time_ns"], 100 * kMs);
  EXPECT_EQ(threads[63]["name"], "(37 others)");
  EXPECT_EQ(threads[63]["time_ns"], 37 * 38 / 2 * kMs);
}

}  // namespace
}  // namespace bakeoff::worker
