// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Metrics against scikit-learn 1.9.1: the expected values come from it on the same labels and predictions
// (precision_recall_fscore_support(labels, predictions), f1_score(average="macro")), worked out again by hand below.
#include "core/classification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "bakeoff/error.h"

namespace bakeoff::core {
namespace {

std::vector<float> OneHot(size_t classes, size_t index) {
  std::vector<float> scores(classes);
  scores[index] = 1;
  return scores;
}

TEST(Classification, CountsByHand) {
  ClassificationCounter counter({"a", "b", "c"});
  // labels 0 0 0 1 1 2, predictions 0 0 1 1 2 2
  const int labels[] = {0, 0, 0, 1, 1, 2}, predictions[] = {0, 0, 1, 1, 2, 2};
  for (int i = 0; i < 6; ++i) counter.Add(OneHot(3, static_cast<size_t>(predictions[i])), labels[i]);
  EXPECT_DOUBLE_EQ(counter.Top1(), 4.0 / 6);
  EXPECT_FALSE(counter.Top5());
  const auto rows = counter.PerClass();
  EXPECT_DOUBLE_EQ(*rows[0].precision, 1.0);
  EXPECT_DOUBLE_EQ(*rows[0].recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*rows[0].f1, 0.8);
  EXPECT_DOUBLE_EQ(*rows[1].f1, 0.5);
  EXPECT_DOUBLE_EQ(*rows[2].f1, 2.0 / 3);
  EXPECT_DOUBLE_EQ(counter.MacroF1(), (0.8 + 0.5 + 2.0 / 3) / 3);
  EXPECT_EQ(counter.confusion()[0], (std::vector<int64_t>{2, 1, 0}));
}

TEST(Classification, LabelsWithoutAScoreAreAlwaysWrong) {
  ClassificationCounter counter(std::vector<std::string>{"a", "b", "c", "d", "e", "f"}, {"unseen"});
  for (int64_t label = 0; label < 6; ++label) counter.Add(OneHot(6, static_cast<size_t>(label)), label);
  for (int i = 0; i < 4; ++i) counter.Add(OneHot(6, 1), 6);
  EXPECT_DOUBLE_EQ(counter.Top1(), 0.6);
  EXPECT_DOUBLE_EQ(*counter.Top5(), 0.6);
  EXPECT_DOUBLE_EQ(counter.Top1OfKnown(), 1);
  EXPECT_EQ(counter.of_unknown(), 4);
  EXPECT_EQ(counter.PerClass()[6].examples, 4);
  EXPECT_EQ(*counter.PerClass()[6].recall, 0);
  EXPECT_EQ(counter.confusion()[6], (std::vector<int64_t>{0, 4, 0, 0, 0, 0, 0}));
  EXPECT_THROW(counter.Add(std::vector<float>(7), 0), Error);
}

TEST(Classification, TopFiveLooksAtRanks) {
  ClassificationCounter counter(std::vector<std::string>(8, "x"));
  counter.Add(std::vector<float>{8, 7, 6, 5, 4, 3, 2, 1}, 4);
  counter.Add(std::vector<float>{8, 7, 6, 5, 4, 3, 2, 1}, 5);
  EXPECT_DOUBLE_EQ(*counter.Top5(), 0.5);
}

TEST(Classification, AConstantAnswerIsNotRight) {
  ClassificationCounter counter({"a", "b"});
  for (int i = 0; i < 10; ++i) counter.Add(std::vector<float>{0.5, 0.5}, 1);
  EXPECT_EQ(counter.Top1(), 0);
}

TEST(Classification, NanIsWrongAndCounted) {
  ClassificationCounter counter({"a", "b"});
  counter.Add(std::vector<float>{std::numeric_limits<float>::quiet_NaN(), 0}, 0);
  EXPECT_EQ(counter.Top1(), 0);
  EXPECT_EQ(counter.with_nan(), 1);
  EXPECT_EQ(counter.ToJson()["with_nan"], 1);
}

TEST(Classification, EmptyClassHasNoRecallAndNoJsonNan) {
  ClassificationCounter counter({"a", "b"});
  counter.Add(std::vector<float>{1, 0}, 0);
  EXPECT_TRUE(counter.ToJson()["classes"][1]["recall"].is_null());
  EXPECT_EQ(counter.MacroF1(), 1.0);
}

TEST(Classification, OtherSizesFail) {
  ClassificationCounter counter({"a", "b"});
  EXPECT_THROW(counter.Add(std::vector<float>{1, 2, 3}, 0), Error);
  EXPECT_THROW(counter.Add(std::vector<float>{1, 2}, 2), Error);
}

}  // namespace
}  // namespace bakeoff::core
