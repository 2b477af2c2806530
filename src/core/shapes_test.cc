// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of CompleteShapes() and Brief().
#include "core/shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"
#include "core/test_error.h"
#include "core/text.h"

namespace bakeoff::core {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const std::vector<TensorSpec>& inputs, const std::map<std::string, Shape>& given) {
  try {
    CompleteShapes(inputs, given);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.text();
  }
  return "accepted";
}

const std::vector<TensorSpec> kInputs = {{"image", DType::kF32, {kFree, 3, 12, 20}}, {"scale", DType::kF32, {}}};

TEST(CompleteShapes, TakesTheFreeFirstExtentAsBatchOne) {
  const auto shapes = CompleteShapes(kInputs, {});
  EXPECT_EQ(shapes.at("image"), (Shape{1, 3, 12, 20}));
  EXPECT_EQ(shapes.at("scale"), Shape{});
}

TEST(CompleteShapes, TakesAnUnnamedShapeForTheOnlyInput) {
  const std::vector<TensorSpec> one = {{"x", DType::kF32, {kFree, 3, kFree}}};
  EXPECT_EQ(CompleteShapes(one, {{"", {2, 3, 8}}}).at("x"), (Shape{2, 3, 8}));
  EXPECT_THROW(CompleteShapes(kInputs, {{"", {2, 3}}}), Error);
}

TEST(CompleteShapes, LeavesAFreeExtentToTheModelAndTheBatch) {
  const std::vector<TensorSpec> one = {{"x", DType::kF32, {kFree, 3, kFree}}};
  EXPECT_EQ(CompleteShapes(one, {{"x", {kFree, kFree, 8}}}, 4).at("x"), (Shape{4, 3, 8}));
  EXPECT_EQ(CompleteShapes(one, {{"x", {kFree, 3, 8}}}).at("x"), (Shape{1, 3, 8}));
}

TEST(CompleteShapes, TakesWhatIsGiven) {
  EXPECT_EQ(CompleteShapes(kInputs, {{"image", {8, 3, 24, 20}}}).at("image"), (Shape{8, 3, 24, 20}));
}

TEST(CompleteShapes, UnknownInputFails) {
  EXPECT_THAT(Refusal(kInputs, {{"imge", {1, 3, 12, 20}}}), HasSubstr("did you mean 'image'?"));
  EXPECT_THAT(Refusal(kInputs, {{"imge", {1, 3, 12, 20}}}), HasSubstr("image, scale"));
}

TEST(CompleteShapes, OtherRankOrExtentBelowOneFails) {
  EXPECT_THAT(Refusal(kInputs, {{"image", {1, 3, 12}}}), HasSubstr("input 'image' is ?x3x12x20"));
  EXPECT_THAT(Refusal(kInputs, {{"image", {1, 3, 0, 20}}}), HasSubstr("--shape image=1x3x0x20"));
}

TEST(CompleteShapes, FreeExtentThatNobodySetFails) {
  EXPECT_THAT(Refusal({{"ids", DType::kI64, {kFree, kFree}}}, {}),
              HasSubstr("its extent 1 is free; give it with --shape ids=?xN"));
}

TEST(CompleteShapes, ExtentsOfOneNameAreOneNumber) {
  const std::vector<TensorSpec> inputs{{"ids", DType::kI64, {kFree, kFree}}, {"mask", DType::kI64, {kFree, kFree}}};
  const AxisNames axes{{"ids", {"N", "tokens"}}, {"mask", {"N", "tokens"}}};
  EXPECT_EQ(CompleteShapes(inputs, {{"ids", {2, 7}}, {"mask", {2, 7}}}, 0, axes).at("mask"), (Shape{2, 7}));
  const auto refusal = [&](Shape ids, Shape mask, const AxisNames& names) {
    return TextOf([&] { CompleteShapes(inputs, {{"ids", std::move(ids)}, {"mask", std::move(mask)}}, 0, names); },
                  ErrorCode::kUsage);
  };
  EXPECT_THAT(
      refusal({2, 7}, {2, 8}, axes),
      HasSubstr("extent 1 of input 'ids' and extent 1 of input 'mask' are both 'tokens' and so one number, but 7 "
                "and 8 were given"));
  EXPECT_THAT(refusal({2, 7}, {3, 7}, axes), HasSubstr("are both 'N'"));
  // What is no name says nothing.
  const AxisNames nameless{{"ids", {"?", ""}}, {"mask", {"?", ""}}};
  EXPECT_EQ(CompleteShapes(inputs, {{"ids", {2, 7}}, {"mask", {3, 8}}}, 0, nameless).at("mask"), (Shape{3, 8}));
}

TEST(Brief, CollapsesWhiteSpaceAndCutsAtAWord) {
  EXPECT_EQ(Brief("  a\n\tb   c\n"), "a b c");
  EXPECT_EQ(Brief(""), "");
  EXPECT_EQ(Brief("one two three", 9), "one two ...");
  EXPECT_EQ(Brief(std::string(20, 'x'), 10), std::string(10, 'x') + " ...");
}

TEST(FixShapes, PutsInWhatWasGivenAndKeepsTheRestFree) {
  const std::vector<TensorSpec> inputs{{"x", DType::kF32, {kFree, 3, kFree, kFree}}, {"y", DType::kF32, {kFree}}};
  const auto shapes = FixShapes(inputs, {{"x", {kFree, 3, 64, kFree}}});
  EXPECT_EQ(shapes.at("x"), (Shape{kFree, 3, 64, kFree}));
  EXPECT_EQ(shapes.at("y"), Shape{kFree});
  EXPECT_THROW(FixShapes(inputs, {{"x", {1, 4, 64, 64}}}), Error);
  EXPECT_THROW(FixShapes(inputs, {{"z", {1}}}), Error);
}

}  // namespace
}  // namespace bakeoff::core
