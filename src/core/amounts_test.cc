// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of counts, shares and differences in words.
#include "core/amounts.h"

#include <gtest/gtest.h>

#include <string>

namespace bakeoff::core {
namespace {

TEST(Amounts, CountsAndSharesReadAsWords) {
  EXPECT_EQ(Count(1, "thread"), "1 thread");
  EXPECT_EQ(Count(0, "thread"), "0 threads");
  EXPECT_EQ(Count(std::string("ab").size(), "letter"), "2 letters");
  EXPECT_EQ(Percent(0.961), "96.1 %");
  EXPECT_EQ(Percent(std::nullopt), "-");
}

TEST(Amounts, WhatIsNotANumberDoesNotReadAsIt) {
  EXPECT_EQ(Apart(1.2, 1, 2), "1.20");
  EXPECT_EQ(Apart(1.004, 1, 2), "1.004");
  EXPECT_EQ(Apart(0.9996, 1, 2), "0.9996");
  EXPECT_EQ(Apart(1.00004, 1, 2), "1.00004");
  EXPECT_EQ(Apart(1, 1, 2), "1.00");
  EXPECT_EQ(SignedApart(0.004, 2), "+0.004");
  EXPECT_EQ(SignedApart(-0.04, 1), "-0.04");
  EXPECT_EQ(SignedApart(1.26, 1), "+1.3");
  EXPECT_EQ(SignedApart(0, 2), "+0.00");
  EXPECT_EQ(SignedApart(-0.0, 2), "+0.00") << "zero has no sign";
}

}  // namespace
}  // namespace bakeoff::core
