// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The whole orchestration on engines without processes: what is asked of whom, and what ends up in the records.
#include "measure/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "measure/fields.h"
#include "measure/stand_in.h"

namespace bakeoff::measure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BenchTest : public testing::Test {
 protected:
  BenchTest() {
    settings_.models = {{.path = "net.onnx", .format = "onnx", .inputs = {}, .outputs = {}, .layouts = {}}};
    settings_.count = 500;
    settings_.repetitions = 2;
  }
  void Engines(std::vector<worker::EngineEntryStatus> engines) {
    for (const auto& engine : engines) stand_in_.engines.try_emplace(engine.name);
    settings_.engines = std::move(engines);
  }
  Outcome Go(const Listener& listener = {}) { return Bench(settings_, stand_in_.Start(), listener); }

  Settings settings_;
  StandIn stand_in_;
};

TEST_F(BenchTest, AnswersAreCheckedBeforeAnythingIsTimed) {
  Engines({Present("a"), Present("b")});
  stand_in_.engines["b"].scale = 1.01F;
  const Outcome outcome = Go();
  ASSERT_EQ(outcome.runs.size(), 4u);
  for (const measure::Run& run : outcome.runs) {
    const bool wrong = run.configuration.engine == "b";
    EXPECT_EQ(run.status, wrong ? RunStatus::kMismatch : RunStatus::kOk);
    EXPECT_EQ(run.samples, wrong ? 0 : 500);
    EXPECT_EQ(run.reference, "a");
    EXPECT_EQ(run.throughput_per_s.has_value(), !wrong);
  }
  EXPECT_EQ(std::count(stand_in_.log.begin(), stand_in_.log.end(), "b measure"), 0);
  EXPECT_EQ(ExitCode(outcome), 1);
}

TEST_F(BenchTest, ProfilesTheFirstRepetitionAfterItWasTimed) {
  Engines({Present("a")});
  settings_.profile = true;
  std::vector<bool> handed_on;
  const Outcome outcome = Go({.finished = [&](const measure::Run& run) {
    handed_on.push_back(run.profiled.has_value());
    return true;
  }});
  // The reference, then the repetitions in some order; the profile comes after a measure, on a session of its own.
  const std::vector<std::string> wanted = {"a measure", "a load b0", "a profiled", "a profile"};
  EXPECT_NE(std::search(stand_in_.log.begin(), stand_in_.log.end(), wanted.begin(), wanted.end()), stand_in_.log.end());
  EXPECT_EQ(std::count(stand_in_.log.begin(), stand_in_.log.end(), "a profile"), 1);
  EXPECT_EQ(outcome.runs[0].profile["operators"][0]["share"], 0.75);
  EXPECT_TRUE(outcome.runs[1].profile.is_null());
  EXPECT_EQ(std::count(handed_on.begin(), handed_on.end(), true), 1);
  for (const measure::Run& run : outcome.runs) EXPECT_FALSE(run.profiled);
}

TEST_F(BenchTest, AProfileThatFailsIsAReasonAndChangesNothingElse) {
  Engines({Present("a")});
  settings_.profile = true;
  stand_in_.engines["a"].fail_at = "profile";
  const Outcome outcome = Go();
  EXPECT_EQ(outcome.runs[0].status, RunStatus::kOk);
  EXPECT_EQ(outcome.runs[0].samples, 500);
  EXPECT_EQ(outcome.runs[0].profile, Json({{"reason", "profile failed on purpose"}}));
}

TEST_F(BenchTest, ForceMeasuresWrongAnswersAndStillSaysSo) {
  Engines({Present("a"), Present("b")});
  stand_in_.engines["b"].scale = 1.01F;
  settings_.force = true;
  const Outcome outcome = Go();
  EXPECT_EQ(outcome.runs[2].status, RunStatus::kMismatch);
  EXPECT_EQ(outcome.runs[2].samples, 500);
  EXPECT_EQ(ExitCode(outcome), 1);
}

TEST_F(BenchTest, TheReferenceIsTheFirstThatIsNotForTestingOrTheOneNamed) {
  Engines({Present("t", true), Present("a"), Present("b")});
  EXPECT_EQ(Go().runs[0].reference, "");
  EXPECT_EQ(Go().runs[4].reference, "a");
  settings_.reference = "b";
  EXPECT_EQ(Go().runs[2].reference, "b");
}

TEST_F(BenchTest, AnotherPartOfTheModelIsComparedWithItself) {
  Engines({Present("a"), Present("b")});
  settings_.options["b"]["part"] = {"3", "4"};
  settings_.options["b"]["mode"] = {"fast", "slow"};
  settings_.repetitions = 1;
  const Outcome outcome = Go();
  ASSERT_EQ(outcome.runs.size(), 5U);
  for (const measure::Run& run : outcome.runs) {
    EXPECT_EQ(run.status, RunStatus::kOk) << Title(run.configuration);
    EXPECT_EQ(run.reference, run.configuration.engine);
  }
  EXPECT_EQ(std::count(stand_in_.log.begin(), stand_in_.log.end(), "b infer"), 4 + 2) << "each part is asked for once";
}

TEST_F(BenchTest, AnotherEngineIsTheReferenceWhenTheFirstFails) {
  Engines({Present("a"), Present("b")});
  stand_in_.engines["a"].fail_at = "infer";
  const Outcome outcome = Go();
  EXPECT_EQ(outcome.runs[0].status, RunStatus::kFailed);
  EXPECT_EQ(outcome.runs[2].status, RunStatus::kOk);
  EXPECT_EQ(outcome.runs[2].reference, "b");
  // Its own row says why; once is enough.
  EXPECT_THAT(outcome.runs[0].error->text(), HasSubstr("infer failed on purpose"));
  EXPECT_THAT(outcome.notes, testing::IsEmpty());
  EXPECT_EQ(ExitCode(outcome), 3);
}

TEST_F(BenchTest, EveryTroubleIsARecord) {
  auto missing = Present("gone");
  missing.status = worker::EngineStatus::kMissing;
  missing.reason = "not set up";
  Engines({Present("a"), missing, Present("other", false, {"tflite"}), Present("crash"), Present("refuse")});
  stand_in_.engines["crash"].fail_at = "measure";
  stand_in_.engines["refuse"].fail_at = "load";
  stand_in_.engines["refuse"].code = ErrorCode::kUnsupported;
  settings_.repetitions = 1;
  EXPECT_THAT(Go().runs[2].error->text(), testing::Not(HasSubstr("convert")));
  settings_.advise = [](const EngineInfo& engine, const Artifact& artifact) {
    return verify::Advice{.command = "convert " + artifact.path + " for " + engine.name, .obstacle = ""};
  };
  const Outcome outcome = Go();
  ASSERT_EQ(outcome.runs.size(), 5u);
  EXPECT_EQ(outcome.runs[0].status, RunStatus::kOk);
  EXPECT_EQ(outcome.runs[1].status, RunStatus::kSkipped);
  EXPECT_THAT(outcome.runs[1].error->text(), HasSubstr("not set up"));
  EXPECT_EQ(outcome.runs[2].status, RunStatus::kUnsupported);
  EXPECT_THAT(outcome.runs[2].error->text(), HasSubstr("convert net.onnx for other makes one that it reads"));
  EXPECT_EQ(outcome.runs[3].status, RunStatus::kFailed);
  EXPECT_EQ(outcome.runs[4].status, RunStatus::kUnsupported);
  EXPECT_EQ(ExitCode(outcome), 3);
}

TEST_F(BenchTest, OneRowIsEnoughForSuccessAndNoneIsNot) {
  Engines({Present("a"), Present("other", false, {"tflite"})});
  EXPECT_EQ(ExitCode(Go()), 0);
  Engines({Present("other", false, {"tflite"})});
  EXPECT_EQ(ExitCode(Go()), 3);
}

TEST_F(BenchTest, AWrongRequestEndsTheWholeBeforeMore) {
  Engines({Present("t", true), Present("u", true)});
  for (auto& [name, behaviour] : stand_in_.engines) {
    behaviour.fail_at = "load";
    behaviour.code = ErrorCode::kUsage;
  }
  const Outcome outcome = Go();
  ASSERT_TRUE(outcome.usage);
  EXPECT_EQ(outcome.runs.size(), 1u);
  EXPECT_EQ(ExitCode(outcome), 2);
}

TEST_F(BenchTest, WhatWasMeasuredSurvivesAnInterruption) {
  Engines({Present("a"), Present("b")});
  int done = 0;
  const Outcome outcome = Go({.progress = {},
                              .finished =
                                  [&](const measure::Run& run) {
                                    done += run.samples == 500 ? 1 : 0;
                                    return true;
                                  },
                              .interrupted = [&] { return done >= 2; }});
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_GE(outcome.runs.size(), 1u);
  EXPECT_LT(outcome.runs.size(), 4u);
  EXPECT_EQ(ExitCode(outcome), 130);
}

TEST_F(BenchTest, SamplesAreHandedOnOnceAndNotKept) {
  Engines({Present("a")});
  std::vector<size_t> seen;
  const Outcome outcome = Go({.progress = {},
                              .finished =
                                  [&](const measure::Run& run) {
                                    seen.push_back(run.latency_ns.size());
                                    return true;
                                  },
                              .interrupted = {}});
  EXPECT_THAT(seen, ElementsAre(500, 500));
  for (const measure::Run& run : outcome.runs) EXPECT_TRUE(run.latency_ns.empty());
}

TEST_F(BenchTest, EveryEngineGetsTheSameInputs) {
  Engines({Present("a"), Present("b")});
  settings_.batches = {1, 8};
  std::map<int64_t, std::set<std::string>> hashes;
  for (const measure::Run& run : Go().runs) hashes[run.batch].insert(run.canonical_sha256);
  EXPECT_EQ(hashes.size(), 2u);
  EXPECT_EQ(hashes[1].size(), 1u);
  EXPECT_EQ(hashes[8].size(), 1u);
}

TEST_F(BenchTest, TheFieldsOfARecordAreWhatWasMeasured) {
  Engines({Present("a")});
  settings_.batches = {8};
  const Json run = ToJson(Go())["runs"][0];
  EXPECT_EQ(run["latency_ns"]["p50"], 1000);
  EXPECT_EQ(run["latency_ns"]["p99"], 1000);
  EXPECT_EQ(run["samples"], 500);
  EXPECT_EQ(run["batch"], 8);
  EXPECT_DOUBLE_EQ(run["throughput_per_s"].get<double>(), 8e6);
  EXPECT_EQ(run["memory"]["steady_peak_rss_bytes"], 300);
  EXPECT_EQ(run["memory"]["peak_rss_bytes"], 300);
  EXPECT_EQ(run["cpu"]["utilisation"], 0.5);
  EXPECT_EQ(run["load_ns"], 5);
  EXPECT_EQ(run["first_inference_ns"], 7);
  EXPECT_TRUE(run["error"].is_null());
  EXPECT_TRUE(run["energy"]["joules_per_inference"].is_null());
}

}  // namespace
}  // namespace bakeoff::measure
