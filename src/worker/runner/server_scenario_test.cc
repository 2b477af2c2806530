// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Open loop: latency counts from when a query was due, a stall is charged to all that waited, overload ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "bakeoff/error.h"
#include "worker/runner/allocations.h"
#include "worker/runner/open_loop.h"
#include "worker/runner/test_scene.h"

namespace bakeoff::worker {
namespace {

class ServerScenario : public ::testing::Test, protected TestScene {
 protected:
  Measured Run(double per_s, Json plan, const char* pattern = "constant") {
    plan["scenario"] = "server";
    plan["arrivals"] = {{"pattern", pattern}, {"per_s", per_s}, {"seed", 5u}};
    if (!plan.contains("warmup")) plan["warmup"] = {{"min_runs", 0}, {"max_runs", 0}};
    return RunScenario(PlanFromJson(plan), scene_);
  }
};

TEST_F(ServerScenario, AStallIsChargedToEveryQueryThatWaited) {
  // 200 ms at 100 queries per second: the one that stalls and 19 behind it, each 10 ms less late than the one before.
  g_test_engine.stall_at_run = 20;
  g_test_engine.stall_ns = 200'000'000;
  const Measured measured = Run(100, {{"count", 60}});
  ASSERT_EQ(measured.latency_ns.size(), 60u);
  // No sooner than this; how much later depends on the machine.
  for (size_t i = 0; i < 15; ++i)
    EXPECT_GE(measured.latency_ns[19 + i], 200'000'000 - 10'000'000 * static_cast<int64_t>(i)) << i;
  EXPECT_GT(measured.latency_ns[19], measured.latency_ns[33]);
  const Json& open = measured.result["open_loop"];
  EXPECT_GE(open["late_share"].get<double>(), 19.0 / 60);
  EXPECT_GE(open["queued_share"].get<double>(), 19.0 / 60);
  EXPECT_NEAR(open["offered_per_s"].get<double>(), 100, 1e-6);
  EXPECT_GT(open["achieved_per_s"].get<double>(), 80);
  EXPECT_EQ(measured.result["stop_reason"], "count");
}

TEST_F(ServerScenario, WaitingCostsLittleCpuTime) {
  const Measured measured = Run(50, {{"count", 20}});
  const Json& open = measured.result["open_loop"];
  // 100 us of spinning per query where nothing else takes the CPU away.
  EXPECT_LT(open["issuer_cpu_ns"].get<int64_t>(), 20 * 1'000'000);
  EXPECT_GE(measured.result["wall_ns"].get<int64_t>(), 380'000'000);
  EXPECT_LT(measured.result["cpu_ns"].get<int64_t>(), 100'000'000);
}

TEST_F(ServerScenario, MoreThanItCanDoIsSeenAndEnds) {
  g_test_engine.busy_ns = 2'000'000;
  const Measured measured = Run(1000, {{"duration_ns", 200'000'000}});
  const Json& open = measured.result["open_loop"];
  EXPECT_LT(open["achieved_per_s"].get<double>(), 510);
  EXPECT_NEAR(open["offered_per_s"].get<double>(), 1000, 1);
  EXPECT_GT(open["queued_share"].get<double>(), 0.9);
  // Ten times too much is given up: after twice the schedule and a second.
  g_test_engine.busy_ns = 20'000'000;
  const Measured given_up = Run(1000, {{"duration_ns", 100'000'000}});
  EXPECT_EQ(given_up.result["stop_reason"], "overload");
  EXPECT_GT(given_up.result["open_loop"]["unanswered"].get<int64_t>(), 0);
  EXPECT_EQ(given_up.latency_ns.size() + given_up.result["open_loop"]["unanswered"].get<size_t>(), 100u);
}

TEST_F(ServerScenario, SeveralRequestsShareOneQueue) {
  g_test_engine.busy_ns = 0;
  scene_.streams = 3;
  const Measured measured = Run(2000, {{"count", 500}}, "poisson");
  EXPECT_EQ(measured.latency_ns.size(), 500u);
  EXPECT_EQ(g_test_engine.runs, 500);
  EXPECT_EQ(measured.result["requests"], 3);
  EXPECT_THAT(measured.latency_ns, ::testing::Each(::testing::Gt(0)));
}

TEST_F(ServerScenario, ACancelIsSeenWhileWaiting) {
  std::thread other([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cancelled_ = true;
  });
  const int64_t begin = NowNs();
  const Measured measured = Run(0.1, {{"count", 10}});
  other.join();
  EXPECT_LT(NowNs() - begin, 2'000'000'000);
  EXPECT_EQ(measured.result["stop_reason"], "cancelled");
}

TEST_F(ServerScenario, AFailureComesOut) {
  g_test_engine.throw_at_run = 30;
  scene_.streams = 2;
  EXPECT_THROW(Run(5000, {{"count", 100}}), std::exception);
}

TEST_F(ServerScenario, WarmsUpFirst) {
  const Measured measured = Run(1000, {{"count", 10}, {"warmup", {{"min_runs", 25}, {"max_runs", 25}}}});
  EXPECT_EQ(measured.result["warmup_runs"], 25);
  EXPECT_EQ(g_test_engine.runs, 35);
}

#ifdef BAKEOFF_WITHOUT_SANITIZERS
TEST_F(ServerScenario, TheLoopAllocatesNothing) {
  std::vector<FilledRequest> filled = scene_.requests(1);
  std::vector<int64_t> schedule;
  for (int64_t i = 0; i < 2000; ++i) schedule.push_back(i * 10'000);
  std::vector<OpenLoop::Query> queries(schedule.size());
  OpenLoop loop(schedule, queries, 1'000'000'000, cancelled_);
  OpenLoop::Counters counters;
  loop.Begin(NowNs());
  const int64_t before = Allocations();
  loop.Run(filled[0], false, counters);
  EXPECT_EQ(Allocations() - before, 0);
  EXPECT_EQ(loop.finished(), 2000);
  // Nothing began before it was due, and what was due was answered in order.
  for (size_t i = 0; i < queries.size(); ++i) EXPECT_GE(queries[i].start, schedule[i]);
}
#endif

}  // namespace
}  // namespace bakeoff::worker
