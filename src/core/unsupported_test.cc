// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A refusal names every operator and node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/converter.h"

namespace bakeoff {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(UnsupportedOperators, NamesEveryOperatorAndNode) {
  const Error error = UnsupportedOperators("onnx-tflite", {{"Frob", "a", "no such operator", "", "use Conv"},
                                                           {"Zap", "b", "no rank", "net.py:7", ""},
                                                           {"Frob", "c", "no such operator", "", "use Conv"}});
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(error.text(),
            "onnx-tflite cannot convert 3 of the model's nodes:\n"
            "  Frob: no such operator (nodes 'a', 'c'); use Conv\n"
            "  Zap: no rank (node 'b' from net.py:7)");
}

TEST(UnsupportedOperators, CountsTheNodesThatItDoesNotName) {
  const std::vector<UnsupportedOperator> many(20, {"Frob", "x", "no such operator", "", ""});
  EXPECT_THAT(UnsupportedOperators("h", many).text(), HasSubstr("and 12 more"));
  EXPECT_THAT(UnsupportedOperators("h", {many[0]}).text(), Not(HasSubstr("more")));
}

}  // namespace
}  // namespace bakeoff
