// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Probabilities back to logits.
#include "verify/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "verify/answers.h"

namespace bakeoff::verify {
namespace {

std::vector<double> Probabilities(std::vector<double> logits) {
  double sum = 0;
  for (double& value : logits) sum += value = std::exp(value);
  for (double& value : logits) value /= sum;
  return logits;
}

Answers Answer(std::vector<double> values) {
  Port port{.name = "y",
            .type = DType::kF32,
            .shape = {1, static_cast<int64_t>(values.size())},
            .layout = {},
            .canonical = {1, static_cast<int64_t>(values.size())}};
  return {{port, std::move(values)}};
}

TEST(Softmax, LogitsComeBackWithoutTheirMean) {
  const auto logits = LogitsOf(Probabilities({1, 2, 6}), 3);
  EXPECT_NEAR(logits[0], -2, 1e-12);
  EXPECT_NEAR(logits[1], -1, 1e-12);
  EXPECT_NEAR(logits[2], 3, 1e-12);
}

TEST(Softmax, KnowsDistributions) {
  EXPECT_TRUE(IsDistribution(std::vector<double>{0.5, 0.5, 1, 0}, 2));
  EXPECT_FALSE(IsDistribution(std::vector<double>{0.5, 0.5, 1, 0.1}, 2));
  EXPECT_FALSE(IsDistribution(std::vector<double>{1.5, -0.5}, 2));
  EXPECT_FALSE(IsDistribution(std::vector<double>{1, 1}, 1));
  EXPECT_FALSE(IsDistribution(std::vector<double>{std::numeric_limits<double>::quiet_NaN(), 1}, 2));
}

// One logit far below the largest is off by a tenth: the probabilities hide it, the logits do not.
TEST(Softmax, AnErrorThatProbabilitiesHideIsFound) {
  const Answers reference = Answer(Probabilities({20, 1, -3, 2})), candidate = Answer(Probabilities({20, 1, -3.1, 2}));
  const Tolerance f32 = ToleranceFor("f32");
  EXPECT_EQ(CompareAnswers(reference, candidate, f32).verdict, Verdict::kAgree);
  const Check check = CompareAnswers(reference, candidate, f32, Softmax::kUndone);
  EXPECT_EQ(check.verdict, Verdict::kMismatch);
  EXPECT_TRUE(check.outputs[0].before_softmax);
  EXPECT_EQ(CompareAnswers(reference, reference, f32, Softmax::kUndone).verdict, Verdict::kAgree);
}

TEST(Softmax, ANearlyFlatOneIsWeakProof) {
  const Answers reference = Answer(Probabilities({0.01, 0.02, 0.03, 0.01}));
  EXPECT_EQ(CompareAnswers(reference, reference, ToleranceFor("f32"), Softmax::kUndone).verdict, Verdict::kWeak);
}

}  // namespace
}  // namespace bakeoff::verify
