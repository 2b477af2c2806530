// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Symbolic extents: one normal form, arithmetic, text and back.
#include "graph/dim.h"

#include <gtest/gtest.h>

#include <limits>

namespace bakeoff::graph {
namespace {

const Dim kBatch = Dim::Symbol("batch");
const Dim kHeight = Dim::Symbol("h");

TEST(Dim, HasOneNormalForm) {
  EXPECT_EQ(kBatch * 2 + kBatch, Dim(3) * kBatch);
  EXPECT_EQ(kBatch + kHeight, kHeight + kBatch);
  EXPECT_EQ((kBatch + 1) * (kBatch - 1), kBatch * kBatch - 1);
  EXPECT_EQ(kBatch - kBatch, Dim(0));
  EXPECT_EQ(FloorDiv(Dim(4) * kHeight + 8, 4), kHeight + 2);
  EXPECT_FALSE(kBatch == kHeight);
  EXPECT_FALSE(kBatch == Dim(1));
}

TEST(Dim, UnknownEqualsNothingAndSpreads) {
  const Dim unknown;
  EXPECT_FALSE(unknown == unknown);
  EXPECT_TRUE((unknown + 1).IsUnknown());
  EXPECT_TRUE((Dim(0) * unknown).IsUnknown());
  EXPECT_TRUE(FloorDiv(kBatch, 0).IsUnknown());
}

TEST(Dim, OverflowIsUnknownNotWrong) {
  const Dim large(std::numeric_limits<int64_t>::max());
  EXPECT_TRUE((large + 1).IsUnknown());
  EXPECT_TRUE((large * 2).IsUnknown());
  EXPECT_TRUE((large * kBatch * 2).IsUnknown());
  EXPECT_TRUE(FloorDiv(Dim(std::numeric_limits<int64_t>::min()), -1).IsUnknown() ||
              FloorDiv(Dim(std::numeric_limits<int64_t>::min()), -1).Value() != std::numeric_limits<int64_t>::min());
}

TEST(Dim, TextAndBack) {
  for (const Dim& dim : {Dim(7), Dim(-3), kBatch, kBatch * 2 + 1, kBatch * kHeight - 4, FloorDiv(kHeight + 1, 2),
                         FloorDiv(FloorDiv(kHeight + 1, 2) + 1, 2) * kBatch, FloorDiv(kHeight, kBatch)}) {
    EXPECT_EQ(Dim::Parse(dim.Text()), dim) << dim.Text();
  }
  EXPECT_EQ((kBatch * 2 + 1).Text(), "2*batch+1");
  EXPECT_EQ(FloorDiv(kHeight + 1, 2).Text(), "floor((h+1)/2)");
}

TEST(Dim, AnyOtherTextIsASymbol) {
  for (const char* text : {"batch size", "2x", "floor(h", "(", "a+", "N/A", "*", "99999999999999999999"}) {
    const Dim dim = Dim::Parse(text);
    EXPECT_FALSE(dim.IsUnknown()) << text;
    EXPECT_FALSE(dim.Value()) << text;
    EXPECT_EQ(dim.Text(), text);
  }
  EXPECT_TRUE(Dim::Parse("").IsUnknown());
  EXPECT_EQ(Dim::Parse("12").Value(), 12);
}

TEST(Dim, HostileTextEndsQuickly) {
  std::string product;
  for (int i = 0; i < 200; ++i) product += (i ? "*(a" : "(a") + std::to_string(i) + "+b" + std::to_string(i) + ")";
  EXPECT_FALSE(Dim::Parse(product).Value());
  EXPECT_FALSE(Dim::Parse(std::string(100000, '(')).Value());
  EXPECT_FALSE(Dim::Parse(std::string(4000, '-') + "1").Value());
}

TEST(Dim, Evaluates) {
  // Two convolutions of stride 2 and padding 1 on height 9: 5, then 3.
  const Dim twice = FloorDiv(FloorDiv(kHeight - 1, 2), 2) + 1;
  EXPECT_EQ(twice.Evaluate({{"h", 9}}), 3);
  EXPECT_EQ((kBatch * kHeight - 1).Evaluate({{"h", 3}, {"batch", 4}}), 11);
  EXPECT_EQ(FloorDiv(Dim(0) - kHeight, 2).Evaluate({{"h", 3}}), -2);
  EXPECT_EQ(kBatch.Evaluate({{"h", 9}}), std::nullopt);
}

}  // namespace
}  // namespace bakeoff::graph
