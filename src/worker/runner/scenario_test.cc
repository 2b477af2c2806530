// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Scenarios: counts are exact, requests run at the same time, failures name the run, cancel and progress work.
#include "worker/runner/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <mutex>
#include <thread>

#include "bakeoff/error.h"
#include "worker/runner/test_scene.h"

namespace bakeoff::worker {
namespace {

using ::testing::HasSubstr;

class ScenarioTest : public ::testing::TestWithParam<const char*>, protected TestScene {
 protected:
  void SetUp() override { tensors_[0].data[0] = std::byte{5}; }

  Measured Run(const char* plan) {
    Json json = Json::parse(plan);
    if (!json.contains("scenario")) json["scenario"] = GetParam();
    return RunScenario(PlanFromJson(json), scene_);
  }
};

INSTANTIATE_TEST_SUITE_P(Closed, ScenarioTest, ::testing::Values("single-stream", "offline", "multi-stream"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(ScenarioTest, CountIsExact) {
  scene_.streams = GetParam() == std::string("offline") ? 3 : 1;
  const Measured measured = Run(R"({"count": 1000, "warmup": {"min_runs": 7, "max_runs": 7}})");
  EXPECT_EQ(measured.result["runs"], 1000);
  EXPECT_EQ(measured.latency_ns.size(), 1000u);
  EXPECT_EQ(measured.result["stop_reason"], "count");
  EXPECT_EQ(measured.result["warmup_runs"], 7);
  EXPECT_EQ(g_test_engine.runs, 1007);
  EXPECT_EQ(measured.result["requests"], scene_.streams);
  EXPECT_THAT(measured.latency_ns, ::testing::Each(::testing::Ge(0)));
  EXPECT_GT(measured.result["cpu_ns"].get<int64_t>(), 0);
}

TEST_P(ScenarioTest, FullBufferEndsIt) {
  scene_.streams = GetParam() == std::string("offline") ? 2 : 1;
  const Measured measured = Run(R"({"duration_ns": 60000000000, "max_samples": 100})");
  EXPECT_EQ(measured.result["stop_reason"], "max_samples");
  EXPECT_EQ(measured.latency_ns.size(), 100u);
}

TEST_P(ScenarioTest, DurationEndsIt) {
  g_test_engine.busy_ns = 100'000;
  const Measured measured = Run(R"({"duration_ns": 20000000, "warmup": {"max_runs": 0, "min_runs": 0}})");
  EXPECT_EQ(measured.result["stop_reason"], "duration");
  EXPECT_GE(measured.result["wall_ns"].get<int64_t>(), 20'000'000);
  EXPECT_EQ(static_cast<int64_t>(measured.latency_ns.size()), g_test_engine.runs);
}

TEST_P(ScenarioTest, CancelEndsIt) {
  g_test_engine.busy_ns = 100'000;
  std::thread other([this] {
    while (g_test_engine.runs < 20) std::this_thread::yield();
    cancelled_ = true;
  });
  const Measured measured = Run(R"({"duration_ns": 60000000000, "warmup": {"max_runs": 0, "min_runs": 0}})");
  other.join();
  EXPECT_EQ(measured.result["stop_reason"], "cancelled");
  EXPECT_GE(measured.latency_ns.size(), 20u);
}

TEST_P(ScenarioTest, FailureComesOutWithItsText) {
  g_test_engine.throw_at_run = 30;
  scene_.streams = GetParam() == std::string("offline") ? 3 : 1;
  try {
    Run(R"({"count": 1000, "warmup": {"min_runs": 10, "max_runs": 10}})");
    FAIL() << "should have thrown";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("the runtime is unhappy"));
  }
}

TEST_P(ScenarioTest, ConsumedInputsAreFilledAgain) {
  g_test_engine.consume_inputs = scene_.inputs_consumed = true;
  Run(R"({"count": 10, "warmup": {"max_runs": 0, "min_runs": 0}})");
  std::vector<FilledRequest> filled = scene_.requests(1);
  filled[0].request().Run();
  float sum = 0;
  std::memcpy(&sum, filled[0].request().Outputs()[0].data, sizeof(sum));
  EXPECT_EQ(sum, 5.0f);
}

TEST_P(ScenarioTest, ProgressIsReported) {
  g_test_engine.busy_ns = 1'000'000;
  std::mutex mutex;
  std::vector<std::pair<std::string, int64_t>> seen;
  scene_.progress = [&](std::string_view phase, int64_t runs, int64_t) {
    const std::lock_guard lock(mutex);
    seen.emplace_back(phase, runs);
  };
  Run(R"({"duration_ns": 150000000, "progress_ns": 20000000, "warmup": {"max_runs": 0, "min_runs": 0}})");
  ASSERT_GE(seen.size(), 1u);
  EXPECT_EQ(seen.back().first, "timed");
  EXPECT_GT(seen.back().second, 0);
}

TEST_P(ScenarioTest, UnknownScenarioFails) {
  try {
    Run(R"({"scenario": "online", "count": 1})");
    FAIL() << "should have thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.text(), HasSubstr("single-stream, offline, multi-stream, server, dataset"));
  }
}

class MultiStreamTest : public ScenarioTest {};
INSTANTIATE_TEST_SUITE_P(Streams, MultiStreamTest, ::testing::Values("multi-stream"),
                         [](const auto&) { return "multi"; });

TEST_P(MultiStreamTest, AQueryEndsWithItsLastSample) {
  g_test_engine.busy_ns = 200'000;
  for (const int streams : {1, 3}) {
    scene_.streams = streams;
    g_test_engine.runs = 0;
    const Measured measured = Run(R"({"count": 40, "samples_per_query": 8, "warmup": {"min_runs": 0, "max_runs": 0}})");
    EXPECT_EQ(g_test_engine.runs, 320);
    EXPECT_EQ(measured.result["runs"], 40);
    EXPECT_EQ(measured.result["requests"], streams);
    EXPECT_EQ(measured.result["samples_per_query"], 8);
    ASSERT_EQ(measured.latency_ns.size(), 40u);
    // The slowest thread has at least its share.
    for (const int64_t latency : measured.latency_ns) EXPECT_GE(latency, (8 + streams - 1) / streams * 200'000);
    int64_t sum = 0;
    for (const int64_t latency : measured.latency_ns) sum += latency;
    EXPECT_EQ(sum, measured.result["wall_ns"]);
  }
}

TEST_P(MultiStreamTest, AFailureOfAnyThreadEndsIt) {
  scene_.streams = 3;
  for (const int64_t run : {1, 2, 50, 99}) {
    g_test_engine.runs = 0;
    g_test_engine.throw_at_run = run;
    EXPECT_THROW(Run(R"({"count": 1000, "samples_per_query": 8, "warmup": {"min_runs": 0, "max_runs": 0}})"),
                 std::exception);
  }
}

TEST_P(MultiStreamTest, ConsumedInputsAndSeveralRequestsFails) {
  scene_.streams = 2;
  scene_.inputs_consumed = true;
  EXPECT_THROW(Run(R"({"count": 10, "samples_per_query": 8})"), Error);
}

class DatasetTest : public ScenarioTest {};
INSTANTIATE_TEST_SUITE_P(Sizes, DatasetTest, ::testing::Values("dataset"), [](const auto&) { return "dataset"; });

TEST_P(DatasetTest, TakesItsSizeAndNoTime) {
  for (const int streams : {1, 2}) {
    scene_.streams = streams;
    EXPECT_EQ(Run(R"({"count": 123})").latency_ns.size(), 123u);
  }
  EXPECT_THROW(Run(R"({"duration_ns": 1000000})"), Error);
}

}  // namespace
}  // namespace bakeoff::worker
