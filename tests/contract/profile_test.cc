// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Time by operator where the engine says that its runtime tells it; a refusal where it does not; never unasked.
#include <map>
#include <numeric>

#include "engine_under_test.h"

namespace bakeoff::contract {
namespace {

using namespace std::chrono_literals;

worker::LoadReply LoadProfiled(worker::Worker& worker, const Model& model, int64_t batch = 1) {
  worker::LoadRequest request{.artifact = model.artifact, .threads = 1};
  request.batch = batch;
  request.profile = true;
  return worker.Load(request, kLimit);
}

// What `effective` says of the runtime's profiler: true, false, or null where the runtime does not tell.
Json Profiling(const worker::LoadReply& loaded) {
  const Json told = loaded.effective.value("profiling", Json());
  return told.is_boolean() ? told : Json();
}

TEST_F(Contract, TellsTheTimeOfOperatorsAndTheSameAnswers) {
  if (Info().profile.empty()) GTEST_SKIP() << "its runtime does not tell the time of operators";
  if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  for (const Model& model : Nets()) {
    SCOPED_TRACE(model.artifact.format);
    const auto loaded = LoadProfiled(Shared(), model);
    EXPECT_NE(Profiling(loaded), Json(false));
    const auto inputs = Inputs(loaded, 1, 11);
    ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
    const worker::ProfileReply reply = Shared().Profile(20, 5s, inputs, kLimit);
    EXPECT_EQ(reply.source, Info().profile);
    EXPECT_EQ(reply.inferences, 20);
    const int64_t wall_ns = std::accumulate(reply.wall_ns.begin(), reply.wall_ns.end(), int64_t{0});
    EXPECT_GT(wall_ns, 0);
    ASSERT_FALSE(reply.events.empty());
    for (const auto& op : reply.operators) {
      EXPECT_NE(op.name, "");
      EXPECT_NE(op.type, "") << op.name;
    }
    // Every inference ran the same operators; each of them is listed once, and some of each took time that the
    // runtime's clock could see.
    std::map<int64_t, int64_t> by_run, by_op;
    int64_t sum = 0;
    for (const auto& event : reply.events) {
      ++by_run[event.run];
      by_op[event.op] += event.time_ns;
      sum += event.time_ns;
    }
    EXPECT_EQ(by_run.size(), 20u);
    for (const auto& [run, count] : by_run) EXPECT_EQ(count, by_run[1]) << "inference " << run;
    EXPECT_EQ(by_op.size(), reply.operators.size());
    EXPECT_GT(sum, 0);
    double shares = 0;
    for (const auto& [op, time] : by_op) {
      EXPECT_GE(time, 0);
      shares += static_cast<double>(time) / static_cast<double>(sum);
    }
    EXPECT_NEAR(shares, 1, 0.01);
    // On one thread, operators lie within the inference's wall time; clocks of microseconds round.
    EXPECT_LE(static_cast<double>(sum),
              static_cast<double>(wall_ns) * 1.1 + 1000.0 * static_cast<double>(reply.events.size()));
  }
}

TEST_F(Contract, ProfilesOnlyWhatWasLoadedForThat) {
  if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  const Model model = Nets()[0];
  if (Info().profile.empty()) {
    const Refusal refusal = RefusalOf([&] { LoadProfiled(Shared(), model); });
    EXPECT_EQ(refusal.code, ErrorCode::kUnsupported);
    EXPECT_NE(refusal.text.find(Info().name + " does not tell the time of operators"), std::string::npos)
        << refusal.text;
    return;
  }
  // First profiled, then not: nothing of the first may be left on.
  const auto profiled = LoadProfiled(Shared(), model);
  Shared().Profile(2, 5s, Inputs(profiled), kLimit);
  const auto loaded = Load(Shared(), model);
  EXPECT_NE(Profiling(loaded), Json(true));
  const auto inputs = Inputs(loaded, 1, 12);
  ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
  const Refusal refusal = RefusalOf([&] { Shared().Profile(1, 1s, inputs, kLimit); });
  EXPECT_EQ(refusal.code, ErrorCode::kUsage);
  EXPECT_NE(refusal.text.find("without \"profile\": true"), std::string::npos) << refusal.text;
  ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
}

TEST_F(Contract, AProfiledModelIsGoneAfterwards) {
  if (Info().profile.empty()) GTEST_SKIP() << "its runtime does not tell the time of operators";
  if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  const Model model = Nets()[0];
  const auto profiled = LoadProfiled(Shared(), model);
  const auto inputs = Inputs(profiled);
  Shared().Profile(1, 5s, inputs, kLimit);
  EXPECT_EQ(RefusalOf([&] { Shared().Infer(inputs, kLimit); }).code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace bakeoff::contract
