// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Statistics against values worked out by numpy 2.4.6 (percentile with method inverted_cdf, std with ddof=1) and
// scipy 1.17.1 (binom.cdf, median_abs_deviation; interval ranks from binom.cdf by search), and against the published
// early-stopping table.
#include "core/statistics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace bakeoff::core {
namespace {

// The same generator as in the script that made the expected values: a body of 50 us width and a far tail of 1 %.
Samples Drawn(int n) {
  std::vector<int64_t> values;
  uint64_t x = 12345;
  for (int i = 0; i < n; ++i) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    values.push_back(static_cast<int64_t>(1'000'000 + (x >> 33) % 50'000 + ((x >> 40) % 97 == 0 ? 900'000 : 0)));
  }
  return Samples(std::move(values));
}

TEST(Statistics, BinomialCdfAgreesWithScipy) {
  struct Row {
    int64_t k, n;
    double p, want;
  };
  constexpr std::array kRows = {
      Row{0, 44, 0.1, 0.00969773729787523},
      Row{3, 10, 0.5, 0.171875},
      Row{50, 100, 0.5, 0.5397946186935889},
      Row{4, 662, 0.01, 0.20915727546252214},
      Row{2000, 200000, 0.01, 0.5059467755375797},
      Row{2097000, 4194304, 0.5, 0.44119142345493007},
      Row{0, 1, 0.3, 0.7},
      Row{9990, 10000, 0.999, 0.5421328760209828},
  };
  for (const Row& row : kRows)
    EXPECT_NEAR(BinomialCdf(row.k, row.n, row.p), row.want, 1e-9) << row.k << " of " << row.n;
  EXPECT_EQ(BinomialCdf(-1, 10, 0.5), 0);
  EXPECT_EQ(BinomialCdf(10, 10, 0.5), 1);
}

TEST(Statistics, SamplesNeededIsTheEarlyStoppingTable) {
  struct Row {
    Percentile percentile;
    std::array<int64_t, 5> needed;  // overflow 0, 1, 2, 5, 10
  };
  constexpr std::array<int64_t, 5> kOverflow = {0, 1, 2, 5, 10};
  constexpr std::array kRows = {
      Row{kP90, {44, 64, 81, 127, 197}},           Row{kP95, {90, 130, 165, 259, 398}},
      Row{9700, {152, 219, 277, 433, 667}},        Row{kP99, {459, 662, 838, 1307, 2010}},
      Row{9990, {4603, 6636, 8403, 13105, 20140}},
  };
  EXPECT_EQ(SamplesNeeded(kP50), 7);
  for (const Row& row : kRows) {
    for (size_t i = 0; i < kOverflow.size(); ++i)
      EXPECT_EQ(SamplesNeeded(row.percentile, kOverflow[i]), row.needed[i]) << row.percentile;
  }
}

TEST(Statistics, EarlyStoppingDropsWhatTheTableAllows) {
  // Samples 1 .. n: the estimate is n less the t - 1 that are dropped.
  const auto estimate = [](int64_t n, Percentile percentile) {
    std::vector<int64_t> values;
    for (int64_t i = 1; i <= n; ++i) values.push_back(i);
    return Samples(values).EarlyStopping(percentile);
  };
  for (const Percentile percentile : {kP90, kP95, Percentile{9700}, kP99}) {
    EXPECT_EQ(estimate(SamplesNeeded(percentile, 1) - 1, percentile), std::nullopt);
    for (const int64_t t : {1, 2, 5, 10}) {
      const int64_t n = SamplesNeeded(percentile, t);
      EXPECT_EQ(estimate(n, percentile), n - (t - 1)) << percentile << " " << t;
      // One sample less supports one dropped sample less.
      if (t > 1) {
        EXPECT_EQ(estimate(n - 1, percentile), n - 1 - (t - 2)) << percentile << " " << t;
      }
    }
  }
}

TEST(Statistics, TheGeometricIntervalIsStudentsOnLogarithms) {
  // Worked out apart from this code, with t = 5.840909 for 3 degrees of freedom.
  const auto interval = GeometricInterval(std::vector<double>{10, 10.2, 9.9, 10.1});
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 9.679328, 1e-5);
  EXPECT_NEAR(interval->high, 10.433575, 1e-5);
  EXPECT_FALSE(GeometricInterval(std::vector<double>{10, 10.2}));
  EXPECT_FALSE(GeometricInterval(std::vector<double>{10, 10.2, 0}));
}

TEST(Statistics, MomentsAndPercentilesAgreeWithNumpy) {
  struct Row {
    int n;
    int64_t min, max;
    double mean, stddev, mad;
    std::array<int64_t, 4> percentiles;
  };
  constexpr std::array kRows = {
      Row{7, 1004950, 1037380, 1019446.1428571428, 11698.115766062092, 7681, {1018264, 1037380, 1037380, 1037380}},
      Row{44, 1000343, 1938177, 1085632.5227272727, 229407.65651498458, 13422.5, {1024867, 1048359, 1910432, 1938177}},
      Row{459, 1000028, 1948048, 1046079.779956427, 138681.13217782715, 12711, {1025412, 1046239, 1048359, 1934336}},
      Row{4001, 1000028, 1949782, 1034821.3391652087, 95760.73425848242, 12662, {1024624, 1045550, 1048046, 1903719}},
  };
  constexpr std::array kPercentiles = {kP50, kP90, kP95, kP99};
  for (const Row& row : kRows) {
    const Samples samples = Drawn(row.n);
    EXPECT_EQ(samples.Min(), row.min);
    EXPECT_EQ(samples.Max(), row.max);
    EXPECT_NEAR(samples.Mean().value(), row.mean, 1e-6);
    EXPECT_NEAR(samples.StdDev().value(), row.stddev, 1e-6);
    EXPECT_NEAR(samples.Mad().value(), row.mad, 1e-6);
    for (size_t i = 0; i < kPercentiles.size(); ++i) {
      if (row.n < SamplesNeeded(kPercentiles[i])) {
        EXPECT_EQ(samples.At(kPercentiles[i]), std::nullopt);
      } else {
        EXPECT_EQ(samples.At(kPercentiles[i]), row.percentiles[i])
            << "n " << row.n << " percentile " << kPercentiles[i];
      }
    }
  }
}

TEST(Statistics, PercentilesAppearExactlyWhereSamplesSupportThem) {
  for (const auto& [percentile, needed] : {std::pair{kP50, 7}, {kP90, 44}, {kP95, 90}, {kP99, 459}}) {
    EXPECT_EQ(Drawn(needed - 1).At(percentile), std::nullopt);
    EXPECT_NE(Drawn(needed).At(percentile), std::nullopt);
  }
}

TEST(Statistics, IntervalsAgreeWithScipy) {
  struct Row {
    int n;
    Percentile percentile;
    int64_t low, high;
  };
  constexpr std::array kRows = {
      Row{44, kP50, 1016720, 1035256},   Row{459, kP50, 1021709, 1028440},  Row{459, kP90, 1044691, 1047860},
      Row{1000, kP99, 1049487, 1945963}, Row{4001, kP50, 1023689, 1025639}, Row{4001, kP90, 1045013, 1046212},
      Row{4001, kP99, 1049764, 1918435},
  };
  for (const Row& row : kRows) {
    const auto interval = Drawn(row.n).IntervalOf(row.percentile);
    ASSERT_TRUE(interval) << row.n;
    EXPECT_EQ(interval->low, static_cast<double>(row.low)) << row.n << " " << row.percentile;
    EXPECT_EQ(interval->high, static_cast<double>(row.high)) << row.n << " " << row.percentile;
  }
  EXPECT_FALSE(Drawn(7).IntervalOf(kP50));
  EXPECT_FALSE(Drawn(459).IntervalOf(kP99));
}

TEST(Statistics, NothingComesFromNoSamples) {
  const Samples none({});
  EXPECT_FALSE(none.Min() || none.Max() || none.Mean() || none.StdDev() || none.Mad() || none.At(kP50) ||
               none.IntervalOf(kP50));
  EXPECT_FALSE(Samples({5}).StdDev());
  EXPECT_EQ(Samples({5}).Mad(), 0);
}

TEST(Statistics, MedianOfFewIsTheMiddle) {
  EXPECT_EQ(Median(std::array{3.0, 1.0, 2.0}), 2);
  EXPECT_EQ(Median(std::array{4.0, 1.0, 3.0, 2.0}), 2.5);
  EXPECT_FALSE(Median({}));
}

}  // namespace
}  // namespace bakeoff::core
