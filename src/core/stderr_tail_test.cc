// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of StderrTail.
#include "core/stderr_tail.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

namespace bakeoff::core {
namespace {

TEST(StderrTail, KeepsWhatIsWrittenAndPassesItOn) {
  StderrTail outer;  // stands for the real stderr
  {
    StderrTail words;
    std::fputs("by stdio\n", stderr);
    ASSERT_EQ(write(STDERR_FILENO, "by write\n", 9), 9);
    EXPECT_EQ(words.Stop(), "by stdio\nby write\n");
    std::fputs("afterwards\n", stderr);
    EXPECT_EQ(words.Stop(), "by stdio\nby write\n");
  }
  EXPECT_EQ(outer.Stop(), "by stdio\nby write\nafterwards\n");
}

TEST(StderrTail, KeepsTheEndOfMuchText) {
  StderrTail outer;
  StderrTail words;
  for (int i = 0; i < 10000; ++i) std::fprintf(stderr, "%07d\n", i);
  const std::string& text = words.Stop();
  EXPECT_EQ(text.size(), StderrTail::kKept);
  EXPECT_TRUE(text.ends_with("0009999\n"));
  outer.Stop();
}

}  // namespace
}  // namespace bakeoff::core
