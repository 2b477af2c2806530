// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Dividing a data set into train, val and test.
#include "data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "bakeoff/error.h"
#include "core/text.h"
#include "data/rng.h"

namespace bakeoff::data {
namespace {

using Group = std::vector<size_t>;  // items with the same bytes

constexpr std::array kParts = {Split::kTrain, Split::kVal, Split::kTest};

std::string BalanceName(Balance balance) {
  switch (balance) {
    case Balance::kNone:
      return "none";
    case Balance::kOversample:
      return "oversample";
    case Balance::kUndersample:
      return "undersample";
    case Balance::kWeighted:
      return "weighted";
  }
  return "";
}

void CheckClasses(const Dataset& dataset) {
  if (dataset.classes.size() < 2) {
    throw Error(ErrorCode::kUsage,
                fmt::format("only one class ('{}'): a classifier needs two or more; is the folder one level too deep?",
                            dataset.classes.empty() ? "" : dataset.classes[0]));
  }
  std::vector<size_t> counts(dataset.classes.size());
  for (const Item& item : dataset.items) {
    if (item.sha256.empty()) throw Error(ErrorCode::kInternal, "splitting before scanning");
    ++counts[static_cast<size_t>(item.label)];
  }
  std::vector<std::string> empty;
  for (size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) empty.push_back(dataset.classes[c]);
  }
  if (!empty.empty()) {
    throw Error(ErrorCode::kUsage,
                fmt::format("no good picture of class {}; add some or remove the folder", core::Join(empty, ", ")));
  }
}

// Groups per class, sorted by content and then shuffled: names play no part. A group with several classes goes with its
// first one's.
std::vector<std::vector<Group>> GroupsByClass(const Dataset& dataset, const std::vector<size_t>& items, uint64_t seed) {
  std::map<std::string, Group> by_hash;
  for (const size_t i : items) by_hash[dataset.items[i].sha256].push_back(i);
  std::vector<std::vector<Group>> classes(dataset.classes.size());
  for (auto& [hash, group] : by_hash) {
    const auto least = std::min_element(group.begin(), group.end(), [&](size_t a, size_t b) {
      return dataset.items[a].label < dataset.items[b].label;
    });
    classes[static_cast<size_t>(dataset.items[*least].label)].push_back(group);
  }
  for (size_t c = 0; c < classes.size(); ++c) {
    Rng rng({seed, c});
    Shuffle(classes[c], rng);
  }
  return classes;
}

// Gives every part its share of the class, within half a group; every part that is wanted at all gets one group at
// least.
void Divide(Dataset& dataset, const std::string& name, const std::vector<Group>& groups,
            const std::array<double, 3>& shares) {
  size_t total = 0, wanted = 0;
  for (const Group& group : groups) total += group.size();
  for (const double share : shares) wanted += share > 0;
  if (groups.size() < wanted) {
    throw Error(ErrorCode::kUsage, fmt::format("class '{}' has {} different pictures, too few for {} parts: one of "
                                               "train, val and test would have none; add "
                                               "pictures, or set --val 0 or --test 0",
                                               name, groups.size(), wanted));
  }
  std::array<double, 3> given = {0, 0, 0};
  std::array<size_t, 3> given_groups = {0, 0, 0};
  for (size_t g = 0; g < groups.size(); ++g) {
    // The part that is furthest behind its share; parts without any group go first when no more groups are left than
    // such parts.
    const size_t left = groups.size() - g;
    size_t bare = 0;
    for (size_t p = 0; p < 3; ++p) bare += shares[p] > 0 && given_groups[p] == 0;
    size_t best = 3;
    double best_lack = 0;
    for (size_t p = 0; p < 3; ++p) {
      if (shares[p] <= 0 || (left <= bare && given_groups[p] > 0)) continue;
      const double lack = shares[p] * static_cast<double>(total) - given[p];
      if (best == 3 || lack > best_lack) best = p, best_lack = lack;
    }
    given[best] += static_cast<double>(groups[g].size());
    ++given_groups[best];
    for (const size_t i : groups[g]) dataset.items[i].split = kParts[best];
  }
}

// Leaves out items of `split` until every class has as many as the smallest.
void Level(Dataset& dataset, Split split, uint64_t seed) {
  const std::vector<size_t> counts = dataset.Count(split);
  // A class that the part lacks altogether sets no measure.
  size_t least = std::numeric_limits<size_t>::max();
  for (const size_t count : counts) least = count > 0 ? std::min(least, count) : least;
  std::vector<size_t> items;
  for (size_t i = 0; i < dataset.items.size(); ++i) {
    if (dataset.items[i].split == split) items.push_back(i);
  }
  std::sort(items.begin(), items.end(), [&](size_t a, size_t b) {
    return std::tie(dataset.items[a].sha256, dataset.items[a].path) <
           std::tie(dataset.items[b].sha256, dataset.items[b].path);
  });
  Rng rng({seed, 0x1e7e1, static_cast<uint64_t>(split)});
  Shuffle(items, rng);
  std::vector<size_t> kept(dataset.classes.size());
  for (const size_t i : items) {
    if (++kept[static_cast<size_t>(dataset.items[i].label)] > least) dataset.items[i].split = Split::kUnused;
  }
}

void BalanceTraining(Dataset& dataset, const SplitOptions& options) {
  const std::vector<size_t> counts = dataset.Count(Split::kTrain);
  const size_t most = *std::max_element(counts.begin(), counts.end());
  double total = 0;
  for (const size_t count : counts) total += static_cast<double>(count);
  if (options.balance == Balance::kUndersample) return Level(dataset, Split::kTrain, options.seed);
  std::vector<size_t> order;
  for (size_t i = 0; i < dataset.items.size(); ++i) {
    if (dataset.items[i].split == Split::kTrain) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::tie(dataset.items[a].sha256, dataset.items[a].path) <
           std::tie(dataset.items[b].sha256, dataset.items[b].path);
  });
  Rng rng({options.seed, 0x0e3});
  Shuffle(order, rng);
  std::vector<size_t> seen(counts.size());
  for (const size_t i : order) {
    Item& item = dataset.items[i];
    const auto c = static_cast<size_t>(item.label);
    if (options.balance == Balance::kWeighted) {
      // Inverse frequency, with a mean of 1 over the items, so that the learning rate keeps its meaning.
      item.weight = total / (static_cast<double>(counts.size()) * static_cast<double>(counts[c]));
    } else if (options.balance == Balance::kOversample) {
      item.repeat = static_cast<int>(most / counts[c] + (seen[c]++ < most % counts[c] ? 1 : 0));
    }
  }
}

// Splits of the source: kept, with a missing val part carved out of train. False if there are none (or they are not
// wanted).
bool KeepGivenSplits(Dataset& dataset, const SplitOptions& options) {
  if (options.again || !dataset.HasSplits()) return false;
  std::vector<size_t> train;
  bool has_val = false, unassigned = false;
  for (size_t i = 0; i < dataset.items.size(); ++i) {
    Item& item = dataset.items[i];
    if (item.split == Split::kTrain) train.push_back(i);
    has_val = has_val || item.split == Split::kVal;
    unassigned = unassigned || item.split == Split::kNone;
  }
  if (unassigned)
    throw Error(ErrorCode::kUsage, "some pictures have a split and some have none; --again divides all of them anew");
  if (has_val || options.val <= 0) return true;
  const double sum = options.train + options.val;
  const auto classes = GroupsByClass(dataset, train, options.seed);
  for (size_t c = 0; c < classes.size(); ++c) {
    if (!classes[c].empty())
      Divide(dataset, dataset.classes[c], classes[c], {options.train / sum, options.val / sum, 0});
  }
  return true;
}

// Every class must be in every part that is there at all. Conflicting duplicates may have emptied one, or the source's
// own folders: what those have in other parts than training alone is no mistake of ours.
void CheckParts(const Dataset& dataset, bool given) {
  const std::vector<size_t> untrained = given ? UntrainedClasses(dataset) : std::vector<size_t>();
  const size_t trained = dataset.classes.size() - untrained.size();
  if (trained < 2)
    throw Error(ErrorCode::kUsage, fmt::format("{} of {} classes {} training pictures: a classifier needs two or more",
                                               trained, dataset.classes.size(), trained == 1 ? "has" : "have"));
  for (const Split split : kParts) {
    const std::vector<size_t> counts = dataset.Count(split);
    if (std::all_of(counts.begin(), counts.end(), [](size_t n) { return n == 0; }) && split != Split::kTrain) continue;
    for (size_t c = 0; c < counts.size(); ++c) {
      if (counts[c] == 0 && std::find(untrained.begin(), untrained.end(), c) == untrained.end())
        throw Error(ErrorCode::kUsage,
                    fmt::format("class '{}' has no picture in the {} part", dataset.classes[c], SplitName(split)));
    }
  }
}

}  // namespace

std::vector<size_t> UntrainedClasses(const Dataset& dataset) {
  std::vector<size_t> untrained;
  if (!dataset.HasSplits()) return untrained;
  const std::vector<size_t> train = dataset.Count(Split::kTrain), val = dataset.Count(Split::kVal),
                            test = dataset.Count(Split::kTest);
  for (size_t c = 0; c < train.size(); ++c) {
    if (train[c] == 0 && val[c] + test[c] > 0) untrained.push_back(c);
  }
  return untrained;
}

std::string UntrainedText(const Dataset& dataset) {
  const std::vector<size_t> val = dataset.Count(Split::kVal), test = dataset.Count(Split::kTest);
  std::vector<std::string> classes;
  for (const size_t c : UntrainedClasses(dataset))
    classes.push_back(fmt::format("'{}' ({} in val, {} in test)", dataset.classes[c], val[c], test[c]));
  if (classes.empty()) return "";
  const bool one = classes.size() == 1;
  return fmt::format(
      "no training picture of the class{} {}: no model can learn {}; {} left out of training and "
      "validation, and pictures of the test part count as wrong",
      one ? "" : "es", core::Join(classes, ", "), one ? "it" : "them", one ? "it is" : "they are");
}

void CheckSplitOptions(const SplitOptions& options) {
  for (const double share : {options.train, options.val, options.test}) {
    if (!(share >= 0 && share <= 1)) throw Error(ErrorCode::kUsage, "--train, --val and --test are shares from 0 to 1");
  }
  const double sum = options.train + options.val + options.test;
  if (std::fabs(sum - 1) > 1e-6)
    throw Error(ErrorCode::kUsage, fmt::format("--train, --val and --test add up to {}, not to 1", sum));
  if (options.train == 0) throw Error(ErrorCode::kUsage, "--train 0 leaves nothing to train on");
}

void SplitDataset(Dataset& dataset, const SplitOptions& options) {
  CheckSplitOptions(options);
  CheckClasses(dataset);
  const bool kept = KeepGivenSplits(dataset, options);
  if (!kept) {
    std::vector<size_t> all(dataset.items.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    const auto classes = GroupsByClass(dataset, all, options.seed);
    for (size_t c = 0; c < classes.size(); ++c) {
      Divide(dataset, dataset.classes[c], classes[c], {options.train, options.val, options.test});
    }
  }
  for (Item& item : dataset.items) item.repeat = 1, item.weight = 1;
  CheckParts(dataset, kept);
  if (options.balance_test) {
    Level(dataset, Split::kVal, options.seed);
    Level(dataset, Split::kTest, options.seed);
  }
  if (options.balance != Balance::kNone) BalanceTraining(dataset, options);
  dataset.settings = {{"train", options.train},
                      {"val", options.val},
                      {"test", options.test},
                      {"given_splits", kept},
                      {"balance", BalanceName(options.balance)},
                      {"balance_test", options.balance_test},
                      {"seed", options.seed}};
}

}  // namespace bakeoff::data
