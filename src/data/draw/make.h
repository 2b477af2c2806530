// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Drawing a whole data set to a folder: DIR/CLASS/NNNN.jpg and DIR/manifest.jsonl with its split.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/image.h"
#include "data/split.h"

namespace bakeoff::data::draw {

// Names for `data make`: "fruits", "shapes".
std::vector<std::string> DrawnSets();

struct MakeOptions {
  std::string set = "fruits";
  uint64_t seed = 0;
  int threads = 0;     // 0: the allowed CPUs
  double part = 1;     // draw only this share of every class (at least 12 pictures of each), for tests
  SplitOptions split;  // its seed is replaced by `seed`
  std::function<void(size_t done, size_t all)> progress;
};

// Picture `index` of class `label`: depends on set, seed, label and index alone.
Bytes DrawOne(const std::string& set, uint64_t seed, size_t label, size_t index);

// Draws into `folder`, which must be absent or empty; it appears with all of its files at once. Throws Error: kUsage
// (unknown set, folder not empty), kUnavailable (disk full ...). Returns the data set, split.
Dataset MakeSet(const std::string& folder, const MakeOptions& options);

}  // namespace bakeoff::data::draw
