// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Right answers: in every format, for one row and several, again and again, with several inputs and outputs.
#include "engine_under_test.h"

namespace bakeoff::contract {
namespace {

#define NEEDS_NET() \
  if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads"

TEST_F(Contract, AnswersRightInEveryFormatItReads) {
  NEEDS_NET();
  for (const Model& model : Nets()) {
    SCOPED_TRACE(model.artifact.format);
    const auto loaded = Load(Shared(), model);
    const auto inputs = Inputs(loaded);
    const auto reply = Shared().Infer(inputs, kLimit);
    EXPECT_GT(reply.run_ns, 0);
    ExpectAnswers(model, inputs, reply.outputs);
  }
}

TEST_F(Contract, TakesABatch) {
  NEEDS_NET();
  for (const Model& model : Nets()) {
    SCOPED_TRACE(model.artifact.format);
    const auto loaded = Load(Shared(), model, 5);
    const auto inputs = Inputs(loaded, 5, 2);
    ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
  }
}

// As `--shape 2x3x12x20` sends it.
TEST_F(Contract, TakesAShapeWithoutANameForItsOnlyInput) {
  NEEDS_NET();
  const Model model = Nets()[0];
  const Shape shape = Inputs(Load(Shared(), model), 2)[0].shape;
  const auto loaded = Shared().Load({.artifact = model.artifact, .shapes = {{"", shape}}}, kLimit);
  ASSERT_EQ(loaded.inputs.size(), 1u) << "the premise";
  const auto inputs = Inputs(loaded, 2, 2);
  EXPECT_EQ(inputs[0].shape, shape);
  ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
}

TEST_F(Contract, ChangesTheBatchOrSaysThatItCannot) {
  NEEDS_NET();
  for (const Model& model : Nets()) {
    SCOPED_TRACE(model.artifact.format);
    const auto loaded = Load(Shared(), model);
    const auto one = Inputs(loaded, 1, 3), three = Inputs(loaded, 3, 4);
    ExpectAnswers(model, one, Shared().Infer(one, kLimit).outputs);
    if (Info().batch_changes_after_load) {
      ExpectAnswers(model, three, Shared().Infer(three, kLimit).outputs);
    } else {
      const Refusal refusal = RefusalOf([&] { Shared().Infer(three, kLimit); });
      EXPECT_TRUE(refusal.code == ErrorCode::kUnsupported || refusal.code == ErrorCode::kUsage) << refusal.text;
      EXPECT_NE(refusal.text.find(loaded.inputs[0].name), std::string::npos) << refusal.text;
    }
    ExpectAnswers(model, one, Shared().Infer(one, kLimit).outputs);
  }
}

TEST_F(Contract, RepeatsItsAnswerToTheBit) {
  NEEDS_NET();
  const auto loaded = Load(Shared(), Nets()[0], 1, 1);
  const auto inputs = Inputs(loaded, 1, 5), others = Inputs(loaded, 1, 6);
  const auto first = Shared().Infer(inputs, kLimit).outputs;
  const auto between = Shared().Infer(others, kLimit).outputs;
  const auto second = Shared().Infer(inputs, kLimit).outputs;
  ASSERT_EQ(first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].data, second[i].data) << first[i].name;
    EXPECT_NE(first[i].data, between[i].data) << "the premise: other inputs, other answers";
  }
}

TEST_F(Contract, AnswersTheSameThroughSharedMemoryAndFrames) {
  NEEDS_NET();
  const Model model = Nets()[0];
  std::vector<std::vector<NamedTensor>> answers;
  for (const bool shared : {true, false}) {
    const auto worker = Fresh(1, shared);
    const auto loaded = Load(*worker, model, 1);
    const auto inputs = Inputs(loaded, 1, 7);
    // Twice: the second answer has the room that the first one asked for.
    worker->Infer(inputs, kLimit);
    answers.push_back(worker->Infer(inputs, kLimit).outputs);
    ExpectAnswers(model, inputs, answers.back());
    EXPECT_EQ(worker->Measure(Plan("single-stream", Json(), 5), inputs, kLimit).latency_ns.size(), 5u);
    ExpectAnswers(model, inputs, worker->Infer(inputs, kLimit).outputs);
    worker->Bye();
  }
  ASSERT_EQ(answers[0].size(), answers[1].size());
  for (size_t i = 0; i < answers[0].size(); ++i) {
    EXPECT_EQ(answers[0][i].name, answers[1][i].name);
    EXPECT_EQ(answers[0][i].shape, answers[1][i].shape);
    EXPECT_EQ(answers[0][i].data, answers[1][i].data);
  }
}

TEST_F(Contract, TakesSeveralInputsAndOutputsAndIntegers) {
  const auto pairs = Pairs();
  if (pairs.empty()) GTEST_SKIP() << "no fixture in a format that it reads";
  for (const Model& model : pairs) {
    SCOPED_TRACE(model.artifact.format);
    const auto loaded = Load(Shared(), model, 2);
    EXPECT_EQ(loaded.inputs.size(), ReadsAnything() ? 1u : 2u);
    auto inputs = Inputs(loaded, 2, 7);
    ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
    // The order in which a caller names them does not matter.
    if (ReadsAnything()) continue;
    std::swap(inputs[0], inputs[1]);
    ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
  }
}

TEST_F(Contract, MeasuresWithoutDisturbingAnswers) {
  NEEDS_NET();
  const Model model = Nets()[0];
  const auto loaded = Load(Shared(), model);
  const auto inputs = Inputs(loaded, 1, 8);
  const auto measured = Shared().Measure(Plan("single-stream", nullptr, 25), inputs, kLimit);
  EXPECT_EQ(measured.latency_ns.size(), 25u);
  EXPECT_EQ(measured.result["stop_reason"], "count");
  for (const int64_t sample : measured.latency_ns) EXPECT_GE(sample, 0);
  ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
}

TEST_F(Contract, RunsSeveralRequestsAtOnce) {
  NEEDS_NET();
  if (Info().max_requests == 1) GTEST_SKIP() << "it says that it runs one request at a time";
  const Model model = Nets()[0];
  const auto loaded = Load(Shared(), model, 1, 2, 2);
  const auto inputs = Inputs(loaded, 1, 9);
  const auto measured = Shared().Measure(Plan("offline", nullptr, 40), inputs, kLimit);
  EXPECT_EQ(measured.result["requests"], 2);
  EXPECT_EQ(measured.latency_ns.size(), 40u);
  ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
}

}  // namespace
}  // namespace bakeoff::contract
