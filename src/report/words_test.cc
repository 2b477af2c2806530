// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of numbers and sentences.
#include "report/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/time_of.h"

namespace bakeoff::report {
namespace {

using ::testing::HasSubstr;

TEST(Words, NumbersHaveThreeDigitsAndAUnit) {
  EXPECT_EQ(Digits(9.996), "10.0");
  EXPECT_EQ(Digits(0.0123), "0.0123");
  EXPECT_EQ(Digits(1234), "1234");
  EXPECT_EQ(TimeText(4.123e6), "4.12 ms");
  EXPECT_EQ(TimeText(950), "950 ns");
  EXPECT_EQ(TimeText(std::nullopt), kNone);
  EXPECT_EQ(BytesText(78.0e6), "74.4 MiB");
  EXPECT_EQ(RateText(12'345), "12.3 k/s");
  EXPECT_EQ(WallText(200e9), "3 min 20 s");
  EXPECT_EQ(PercentText(0.961), "96.1 %");
}

TEST(Words, ListsReadAsSentences) {
  EXPECT_EQ(And({}), "");
  EXPECT_EQ(And({"a"}), "a");
  EXPECT_EQ(And({"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(And({"a, 1 thread", "b", "c"}), "a, 1 thread; b; and c");
  // In parentheses a comma separates nothing.
  EXPECT_EQ(And({"a (x=1, y=2)", "b"}), "a (x=1, y=2) and b");
  EXPECT_EQ(Count(1, "thread"), "1 thread");
  EXPECT_EQ(Count(2, "thread"), "2 threads");
}

TEST(Words, SentencesSayNoMoreThanTheInterval) {
  const Gain better{.ratio = 1.3, .low = 1.2, .high = 1.4, .standing = Standing::kBetter};
  EXPECT_EQ(GainSentence("a", "b", better, kFast), "a is 1.30 times as fast as b (99 % interval 1.20 to 1.40).");
  EXPECT_EQ(GainSentence("a", "b", better, kRate),
            "a has 1.30 times the throughput of b (99 % interval 1.20 to 1.40).");
  // Of memory less is better, and the share is said.
  EXPECT_EQ(GainSentence("a", "b", better, kMemory),
            "a needs 0.769 times the memory of b (99 % interval 0.714 to 0.833).");
  const Gain tie{.ratio = 1.0, .low = 0.98, .high = 1.02, .standing = Standing::kTie};
  EXPECT_THAT(GainSentence("a", "b", tie, kFast), HasSubstr("a and b tie in latency"));
  const Gain unclear{.ratio = 1.3, .low = 0.8, .high = 2.1, .standing = Standing::kUnclear, .repetitions_needed = 9};
  EXPECT_THAT(
      GainSentence("a", "b", unclear, kFast),
      HasSubstr(
          "is not decided: the 99 % interval of the ratio reaches from 0.800 to 2.10; 9 repetitions would decide"));
  const Gain few{.ratio = 1.3, .reason = "a verdict needs 3 repetitions of each (--repeat)"};
  EXPECT_THAT(GainSentence("a", "b", few, kFast), HasSubstr("is not decided: a verdict needs 3 repetitions"));
}

TEST(Words, NoEndOfAnIntervalReadsAsOneUnlessItIs) {
  // Proved, by little: neither the ratio nor its lower end may read as a tie.
  const Gain barely{.ratio = 1.1, .low = 1.004, .high = 1.21, .standing = Standing::kBetter};
  EXPECT_EQ(GainSentence("a", "b", barely, kRate),
            "a has 1.10 times the throughput of b (99 % interval 1.004 to 1.21).");
  EXPECT_EQ(GainSentence("a", "b", barely, kMemory),
            "a needs 0.909 times the memory of b (99 % interval 0.826 to 0.996).");
  // Not proved, by little: the interval has 1 in it, and shows that.
  const Gain hardly{.ratio = 1.1, .low = 0.9997, .high = 1.21, .standing = Standing::kUnclear};
  EXPECT_THAT(GainSentence("a", "b", hardly, kFast), HasSubstr("from 0.9997 to 1.21"));
  EXPECT_EQ(RatioText(1), "1.00");
  EXPECT_EQ(ChangeText(1.0004), "+0.04 %");
  EXPECT_EQ(ChangeText(0.98), "-2.0 %");
  EXPECT_EQ(ChangeText(120), "120 times");
}

TEST(Words, CommandsCanBeTyped) {
  EXPECT_EQ(CommandText({"bakeoff", "bench", "my net.onnx"}), "bakeoff bench 'my net.onnx'");
}

TEST(Words, TimesOfCampaignsAreRead) {
  EXPECT_EQ(SecondsOf("1970-01-02T00:00:01Z"), 86401);
  EXPECT_NEAR(*SecondsOf("2026-01-02T03:04:05.250Z") - *SecondsOf("2026-01-02T03:04:05Z"), 0.25, 1e-6);
  for (const char* text : {"", "yesterday", "2026-13-01T00:00:00Z", "2026-01-02T03:04:05", "2026-01-02T25:04:05Z"})
    EXPECT_FALSE(SecondsOf(text)) << text;
}

}  // namespace
}  // namespace bakeoff::report
