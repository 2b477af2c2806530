// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Dividing a data set into train, val and test: stratified, deterministic, duplicates together.
#pragma once

#include <cstdint>

#include "data/dataset.h"
#include "data/scan.h"

namespace bakeoff::data {

enum class Balance { kNone, kOversample, kUndersample, kWeighted };

struct SplitOptions {
  double train = 0.8, val = 0.1, test = 0.1;  // shares; their sum is 1
  Balance balance = Balance::kNone;  // of the training part: items repeated, left out, or weighted by inverse frequency
  bool balance_test = false;         // test (and val) get the same count of every class; the rest is unused
  uint64_t seed = 0;
  bool again = false;  // divide anew what already has splits
};

// Classes with pictures in parts, but none in the training part: nobody can learn them. In the order of the classes;
// none where nothing is divided.
std::vector<size_t> UntrainedClasses(const Dataset& dataset);
// "the class 'kiwi' has pictures in the test part only (3): ..."; "" where there are none.
std::string UntrainedText(const Dataset& dataset);

// Throws Error{kUsage} for shares that are none or do not add up.
void CheckSplitOptions(const SplitOptions& options);

// Sets split, repeat and weight of every item, and `settings`. Needs the hashes of a scan, and no broken items. The
// result depends on the pictures' contents, classes and the seed, not on their names or order. Splits that the source
// already has are kept (unless `again`): then only a missing val part is taken from train, and classes without training
// pictures stay as they are. Throws Error{kUsage}: shares
// that do not add up, fewer than two classes, an empty class, or a class that is too small for every part, naming it
// with its count.
void SplitDataset(Dataset& dataset, const SplitOptions& options);

}  // namespace bakeoff::data
