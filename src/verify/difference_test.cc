// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Differences against values worked out by hand, and verdicts at their edges.
#include "verify/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "bakeoff/error.h"

namespace bakeoff::verify {
namespace {

using testing::HasSubstr;

// A reference with mean `offset` and a spread of 1, and a candidate that is off by `error`, alternating.
struct Two {
  std::vector<double> reference, candidate;
};
Two Signal(double offset, double error) {
  Two two;
  for (int i = 0; i < 1000; ++i) {
    const double value = offset + (i % 4 < 2 ? 1 : -1);
    two.reference.push_back(value);
    two.candidate.push_back(value + (i % 2 == 0 ? error : -error));
  }
  return two;
}

Difference Of(const Two& two) {
  return Compare(two.reference, two.candidate, 0);
}

TEST(Difference, FiguresAreThoseOfTheFormula) {
  const Difference difference = Of(Signal(0, 1e-3));
  EXPECT_NEAR(difference.max_abs.value(), 1e-3, 1e-12);
  EXPECT_NEAR(difference.max_rel.value(), 1e-3, 1e-12);
  EXPECT_NEAR(difference.sqnr_db.value(), 60, 1e-6);
  EXPECT_NEAR(difference.centred_sqnr_db.value(), 60, 1e-6);
  EXPECT_NEAR(difference.std_over_rms.value(), 1, 1e-12);
}

// CONVERTERS: SQNR + 20 log10(std / rms) is the centred one.
TEST(Difference, AConstantOffsetDoesNotRaiseTheCentredRatio) {
  const Difference difference = Of(Signal(10, 1e-3));
  EXPECT_NEAR(difference.centred_sqnr_db.value(), 60, 1e-6);
  EXPECT_NEAR(difference.sqnr_db.value() + 20 * std::log10(difference.std_over_rms.value()), 60, 1e-6);
  EXPECT_FALSE(difference.weak);
  EXPECT_TRUE(Of(Signal(30, 1e-3)).weak);
}

TEST(Difference, TopOneCountsRows) {
  const std::vector<double> reference = {1, 2, 3, 9, 8, 7};
  const std::vector<double> candidate = {1, 2, 3, 7, 8, 9};
  EXPECT_EQ(Compare(reference, candidate, 3).top1_agreement, 0.5);
  EXPECT_EQ(Compare(reference, candidate, 1).top1_agreement, std::nullopt);
}

TEST(Judge, HoldsEachPrecisionToItsLevel) {
  // 1e-5 is 100 dB, 1e-3 is 60 dB, 1e-2 is 40 dB.
  struct Row {
    const char* precision;
    double passes, fails;
  };
  for (const Row& row :
       {Row{"f32", 1e-5, 1e-3}, {"f16", 1e-3, 1e-2}, {"bf16", 1e-2, 1e-1}, {"i8", 1e-2, 1e-1}, {"55", 1e-3, 1e-2}}) {
    EXPECT_EQ(Judge(Of(Signal(0, row.passes)), DType::kF32, ToleranceFor(row.precision)).verdict, Verdict::kAgree)
        << row.precision;
    const Judged judged = Judge(Of(Signal(0, row.fails)), DType::kF32, ToleranceFor(row.precision));
    EXPECT_EQ(judged.verdict, Verdict::kMismatch) << row.precision;
    EXPECT_THAT(judged.reason, HasSubstr("SQNR"));
  }
}

TEST(Judge, OneWrongElementAmongManyFails) {
  Two two = Signal(0, 0);
  for (int i = 0; i < 12; ++i)
    two.reference.insert(two.reference.end(), two.reference.begin(), two.reference.begin() + 1000);
  two.candidate = two.reference;
  EXPECT_EQ(Judge(Of(two), DType::kF32, ToleranceFor("f32")).verdict, Verdict::kAgree);
  two.candidate[77] += 5e-4;  // 107 dB over all, but five times the allowed share of the largest value
  EXPECT_THAT(Judge(Of(two), DType::kF32, ToleranceFor("f32")).reason, HasSubstr("largest difference"));
}

TEST(Judge, NotFiniteAndConstantOutputsFail) {
  Two two = Signal(0, 0);
  two.candidate[5] = std::numeric_limits<double>::quiet_NaN();
  two.candidate[6] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(Judge(Of(two), DType::kF32, ToleranceFor("f32")).reason,
              HasSubstr("2 of 1000 values are NaN or infinite"));
  EXPECT_EQ(Judge(Of(two), DType::kF32, ToleranceFor("10")).verdict, Verdict::kMismatch);
  two.candidate.assign(1000, 3);
  EXPECT_THAT(Judge(Of(two), DType::kF32, ToleranceFor("f32")).reason, HasSubstr("the same"));
  std::swap(two.reference, two.candidate);
  two.reference[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(Judge(Of(two), DType::kF32, ToleranceFor("f32")).reason, HasSubstr("reference"));
}

// Rounding error drowns the centred ratio of outputs that hardly vary: reported as weak, not as wrong; a true error is
// still found.
TEST(Judge, HardlyVaryingOutputsAreWeakProof) {
  EXPECT_EQ(Judge(Of(Signal(1e5, 1e-3)), DType::kF32, ToleranceFor("f32")).verdict, Verdict::kWeak);
  EXPECT_EQ(Judge(Of(Signal(1e5, 100)), DType::kF32, ToleranceFor("f32")).verdict, Verdict::kMismatch);
  EXPECT_EQ(
      Judge(Compare(std::vector<double>(9, 4), std::vector<double>(9, 4), 0), DType::kF32, ToleranceFor("f32")).verdict,
      Verdict::kWeak);
  EXPECT_EQ(Judge(Compare({}, {}, 0), DType::kF32, ToleranceFor("f32")).verdict, Verdict::kWeak);
}

TEST(Judge, WholeNumbersMayRoundByOneStepOnlyWhenTheyAreQuantised) {
  const Difference off_by_one = Compare(std::vector<double>{1, 2, 3}, std::vector<double>{1, 2, 4}, 0);
  EXPECT_EQ(Judge(off_by_one, DType::kI8, ToleranceFor("i8")).verdict, Verdict::kAgree);
  EXPECT_EQ(Judge(off_by_one, DType::kI64, ToleranceFor("f32")).verdict, Verdict::kMismatch);
}

// Squares beyond the range of double must not look like agreement.
TEST(Judge, OverflowIsNoAgreement) {
  const Difference huge = Compare(std::vector<double>{1e200, -1e200}, std::vector<double>{1e199, -1e200}, 0);
  EXPECT_EQ(Judge(huge, DType::kF64, ToleranceFor("f32")).verdict, Verdict::kMismatch);
  EXPECT_TRUE(ToJson(huge)["sqnr_db"].is_null());
}

TEST(Tolerance, UnknownNamesFail) {
  for (const char* name : {"f8", "", "-3", "nan", "inf"}) EXPECT_THROW(ToleranceFor(name), Error) << name;
  EXPECT_EQ(LoosestPrecision({"f32", "bf16", "f16"}), "bf16");
  EXPECT_EQ(LoosestPrecision({"i64", "f32"}), "f32");
}

}  // namespace
}  // namespace bakeoff::verify
