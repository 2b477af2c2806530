// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of splitting: shares, determinism, duplicates, balance, and classes that are too small.
#include "data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "bakeoff/error.h"
#include "data/rng.h"

namespace bakeoff::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Classes of the given sizes; every picture's hash is its own, except that every `twins`-th repeats the one before.
Dataset Made(const std::vector<int>& sizes, int twins = 0) {
  Dataset dataset;
  dataset.source = "made";
  for (size_t c = 0; c < sizes.size(); ++c) {
    dataset.classes.push_back("class" + std::to_string(c));
    for (int i = 0; i < sizes[c]; ++i) {
      Item item{.path = dataset.classes[c] + "/" + std::to_string(i), .label = static_cast<int>(c)};
      item.sha256 = std::to_string(Mix(c * 100000 + static_cast<uint64_t>(twins && i % twins == 1 ? i - 1 : i)));
      dataset.items.push_back(item);
    }
  }
  return dataset;
}

std::map<std::string, Split> SplitOf(const Dataset& dataset) {
  std::map<std::string, Split> splits;
  for (const Item& item : dataset.items) splits[item.path] = item.split;
  return splits;
}

std::string FailureOf(Dataset dataset, const SplitOptions& options = {}) {
  try {
    SplitDataset(dataset, options);
  } catch (const Error& error) {
    return error.text();
  }
  return "no failure";
}

TEST(Split, EveryClassGetsItsShares) {
  Dataset dataset = Made({100, 37, 10, 492});
  SplitDataset(dataset, {});
  const auto train = dataset.Count(Split::kTrain), val = dataset.Count(Split::kVal), test = dataset.Count(Split::kTest);
  const std::vector<double> sizes = {100, 37, 10, 492};
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_NEAR(static_cast<double>(train[c]), 0.8 * sizes[c], 1) << c;
    EXPECT_NEAR(static_cast<double>(val[c]), 0.1 * sizes[c], 1) << c;
    EXPECT_NEAR(static_cast<double>(test[c]), 0.1 * sizes[c], 1) << c;
    EXPECT_EQ(static_cast<double>(train[c] + val[c] + test[c]), sizes[c]);
  }
}

TEST(Split, DependsOnContentsAndSeedOnly) {
  Dataset one = Made({50, 60}), two = one, other = one;
  std::reverse(two.items.begin(), two.items.end());
  SplitDataset(one, {.seed = 5});
  SplitDataset(two, {.seed = 5});
  SplitDataset(other, {.seed = 6});
  EXPECT_EQ(SplitOf(one), SplitOf(two));
  EXPECT_NE(SplitOf(one), SplitOf(other));
}

TEST(Split, DuplicatesStayTogether) {
  Dataset dataset = Made({90, 90}, 3);
  // A conflict: one picture in both classes.
  dataset.items[5].sha256 = dataset.items[100].sha256;
  SplitDataset(dataset, {});
  std::map<std::string, Split> by_hash;
  size_t twins = 0;
  for (const Item& item : dataset.items) {
    const auto [at, first] = by_hash.emplace(item.sha256, item.split);
    EXPECT_EQ(at->second, item.split) << item.path;
    twins += !first;
  }
  EXPECT_GT(twins, 40u);
}

TEST(Split, BalanceOfTraining) {
  const std::vector<int> sizes = {100, 40, 20};
  Dataset over = Made(sizes), under = Made(sizes), weighted = Made(sizes);
  SplitDataset(over, {.balance = Balance::kOversample});
  SplitDataset(under, {.balance = Balance::kUndersample});
  SplitDataset(weighted, {.balance = Balance::kWeighted});
  std::vector<int> repeats(3);
  std::vector<double> weights(3);
  for (size_t i = 0; i < over.items.size(); ++i) {
    if (over.items[i].split == Split::kTrain) repeats[static_cast<size_t>(over.items[i].label)] += over.items[i].repeat;
    EXPECT_TRUE(over.items[i].split == Split::kTrain || over.items[i].repeat == 1);
    if (weighted.items[i].split == Split::kTrain)
      weights[static_cast<size_t>(weighted.items[i].label)] += weighted.items[i].weight;
    EXPECT_TRUE(weighted.items[i].split != Split::kTest || weighted.items[i].weight == 1);
  }
  EXPECT_THAT(repeats, ElementsAre(80, 80, 80));
  EXPECT_THAT(under.Count(Split::kTrain), ElementsAre(16, 16, 16));
  EXPECT_THAT(under.Count(Split::kTest), ElementsAre(10, 4, 2));
  for (const double weight : weights) EXPECT_NEAR(weight, 128 / 3.0, 1e-9);
}

TEST(Split, BalancedTestHasTheSameOfEach) {
  Dataset dataset = Made({100, 40, 20});
  SplitDataset(dataset, {.balance_test = true});
  EXPECT_THAT(dataset.Count(Split::kTest), ElementsAre(2, 2, 2));
  EXPECT_THAT(dataset.Count(Split::kVal), ElementsAre(2, 2, 2));
  EXPECT_THAT(dataset.Count(Split::kTrain), ElementsAre(80, 32, 16));
  EXPECT_THAT(dataset.Count(Split::kUnused), ElementsAre(16, 4, 0));
}

TEST(Split, GivenSplitsAreKept) {
  Dataset dataset = Made({30, 30});
  for (size_t i = 0; i < dataset.items.size(); ++i) dataset.items[i].split = i % 3 == 0 ? Split::kTest : Split::kTrain;
  Dataset again = dataset;
  const auto before = SplitOf(dataset);
  SplitDataset(dataset, {.train = 0.8, .val = 0.2, .test = 0});
  EXPECT_THAT(dataset.Count(Split::kTest), ElementsAre(10, 10));
  EXPECT_THAT(dataset.Count(Split::kVal), ElementsAre(4, 4));
  for (const Item& item : dataset.items) {
    EXPECT_TRUE(before.at(item.path) != Split::kTest || item.split == Split::kTest);
  }
  SplitDataset(again, {.again = true});
  EXPECT_THAT(again.Count(Split::kTest), ElementsAre(3, 3));
}

TEST(Split, TooSmallOrEmptyClassesFails) {
  EXPECT_THAT(FailureOf(Made({20, 2})), HasSubstr("class 'class1' has 2 different pictures, too few for 3 parts"));
  EXPECT_EQ(FailureOf(Made({20, 2}), {.train = 0.5, .val = 0, .test = 0.5}), "no failure");
  EXPECT_THAT(FailureOf(Made({20, 0})), HasSubstr("no good picture of class class1"));
  EXPECT_THAT(FailureOf(Made({20})), HasSubstr("only one class ('class0')"));
  // Three files, but all the same picture.
  Dataset same = Made({20, 3});
  for (size_t i = 20; i < 23; ++i) same.items[i].sha256 = "x";
  EXPECT_THAT(FailureOf(same), HasSubstr("1 different pictures"));
  Dataset given = Made({4, 4});
  for (Item& item : given.items) item.split = item.label == 0 ? Split::kTest : Split::kTrain;
  EXPECT_THAT(FailureOf(given, {.train = 1, .val = 0, .test = 0}),
              HasSubstr("1 of 2 classes has training pictures: a classifier needs two or more"));
}

TEST(Split, AClassWithoutTrainingPicturesStaysInItsPartAndIsTold) {
  for (const Balance balance : {Balance::kNone, Balance::kOversample, Balance::kUndersample, Balance::kWeighted}) {
    Dataset dataset = Made({6, 30, 20});
    for (size_t i = 0; i < dataset.items.size(); ++i)
      dataset.items[i].split = dataset.items[i].label == 0 || i % 3 == 0 ? Split::kTest : Split::kTrain;
    EXPECT_THAT(UntrainedClasses(dataset), ElementsAre(0));
    SplitDataset(dataset, {.train = 0.8, .val = 0.2, .test = 0, .balance = balance, .balance_test = true});
    EXPECT_THAT(UntrainedClasses(dataset), ElementsAre(0));
    EXPECT_THAT(dataset.Count(Split::kTest), ElementsAre(6, 6, 6));
    EXPECT_EQ(dataset.Count(Split::kTrain)[0], 0u);
    EXPECT_GT(dataset.Count(Split::kTrain)[1], 0u);
    EXPECT_GT(dataset.Count(Split::kVal)[2], 0u);
    EXPECT_THAT(UntrainedText(dataset), HasSubstr("no training picture of the class 'class0' (0 in val, 6 in test)"));
  }
  EXPECT_EQ(UntrainedText(Made({3, 3})), "");
  // Dividing ourselves, a class that is too small for its parts is a mistake as before.
  EXPECT_THAT(FailureOf(Made({20, 1})), HasSubstr("too few for 3 parts"));
}

TEST(Split, BadSharesFails) {
  EXPECT_THAT(FailureOf(Made({9, 9}), {.train = 0.8, .val = 0.1, .test = 0.2}), HasSubstr("add up to 1.1"));
  EXPECT_THAT(FailureOf(Made({9, 9}), {.train = 0, .val = 0.5, .test = 0.5}), HasSubstr("--train 0"));
  EXPECT_THAT(FailureOf(Made({9, 9}), {.train = 1.2, .val = -0.2, .test = 0}), HasSubstr("shares from 0 to 1"));
  EXPECT_THAT(FailureOf(Made({9, 9}), {.train = NAN, .val = 0.5, .test = 0.5}), HasSubstr("shares from 0 to 1"));
}

TEST(Split, SmallClassesStillFillEveryPart) {
  for (int size = 3; size < 12; ++size)
    EXPECT_EQ(FailureOf(Made({size, 50}), {.seed = static_cast<uint64_t>(size)}), "no failure") << size;
}

}  // namespace
}  // namespace bakeoff::data
