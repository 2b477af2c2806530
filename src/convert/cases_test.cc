// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which shapes a proof tries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convert/prove.h"

namespace bakeoff::convert {
namespace {

using Cases = std::vector<std::vector<Shape>>;

ProofRequest Between(Shape source, Shape target, const char* to = "onnx") {
  return {.source = {"a.onnx", "onnx", {{"x", DType::kF32, std::move(source)}}, {}, {}},
          .target = {"b", to, {{"y", DType::kF32, std::move(target)}}, {}, {}},
          .engines = {}};
}

TEST(CasesFor, FixedShapesAreOneCase) {
  EXPECT_EQ(CasesFor(Between({1, 3, 8, 9}, {1, 3, 8, 9})), (Cases{{{1, 3, 8, 9}}}));
}

TEST(CasesFor, AFreeBatchIsTriedWithOneAndThree) {
  EXPECT_EQ(CasesFor(Between({kFree, 10}, {kFree, 10})), (Cases{{{1, 10}}, {{3, 10}}}));
}

TEST(CasesFor, FreeSizesAreTriedSquareAndNot) {
  const Cases cases = CasesFor(Between({kFree, 3, kFree, kFree}, {kFree, 3, kFree, kFree}));
  EXPECT_EQ(cases, (Cases{{{1, 3, 224, 224}}, {{3, 3, 224, 224}}, {{3, 3, 192, 256}}}));
}

TEST(CasesFor, WhatOneSideFixesIsFixed) {
  EXPECT_EQ(CasesFor(Between({kFree, 3, kFree, kFree}, {2, 3, 32, 48})), (Cases{{{2, 3, 32, 48}}}));
}

TEST(CasesFor, TargetsAreSeenThroughTheirLayout) {
  const Cases cases = CasesFor(Between({kFree, 3, 32, 48}, {1, 32, 48, 3}, "tflite"));
  EXPECT_EQ(cases, (Cases{{{1, 3, 32, 48}}}));
}

TEST(CasesFor, TheUserSaysWhatToTry) {
  ProofRequest request = Between({kFree, 3, kFree, kFree}, {kFree, 3, kFree, kFree});
  request.shapes[""] = {kFree, 3, 75, 80};
  EXPECT_EQ(CasesFor(request), (Cases{{{1, 3, 75, 80}}, {{3, 3, 75, 80}}}));
}

}  // namespace
}  // namespace bakeoff::convert
