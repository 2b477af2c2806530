// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Drawing a whole data set to a folder, in parallel.
#include "data/draw/make.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "bakeoff/error.h"
#include "core/sha256.h"
#include "core/text.h"
#include "data/draw/classes.h"
#include "data/parallel.h"
#include "data/staging.h"

namespace bakeoff::data::draw {
namespace {

constexpr int kLeast = 12;

struct Set {
  std::string_view name;
  const std::vector<DrawnClass>& (*classes)();
  float clutter;
};

constexpr Set kSets[] = {{"fruits", FruitClasses, 0.5f}, {"shapes", ShapeClasses, 0.7f}};

const Set& FindSet(const std::string& name) {
  for (const Set& set : kSets) {
    if (set.name == name) return set;
  }
  throw Error(ErrorCode::kUsage, fmt::format("no data set '{}' to draw{}; there are: {}", name,
                                             core::DidYouMean(name, DrawnSets()), core::Join(DrawnSets(), ", ")));
}

}  // namespace

std::vector<std::string> DrawnSets() {
  std::vector<std::string> names;
  for (const Set& set : kSets) names.emplace_back(set.name);
  return names;
}

Bytes DrawOne(const std::string& name, uint64_t seed, size_t label, size_t index) {
  const Set& set = FindSet(name);
  Dice dice{Rng({seed, static_cast<uint64_t>(&set - kSets), label, index})};
  const Image image = Render(dice, set.classes().at(label).make, set.clutter);
  return EncodeJpeg(image, dice.Int(78, 95));
}

Dataset MakeSet(const std::string& folder, const MakeOptions& options) {
  const Set& set = FindSet(options.set);
  StagedFolder staged(folder);
  Dataset dataset;
  dataset.source = folder;
  std::vector<size_t> numbers;
  for (size_t c = 0; c < set.classes().size(); ++c) {
    const DrawnClass& drawn = set.classes()[c];
    dataset.classes.emplace_back(drawn.name);
    const int count =
        options.part >= 1 ? drawn.count : std::max(kLeast, static_cast<int>(std::lround(drawn.count * options.part)));
    for (int i = 0; i < count; ++i) {
      dataset.items.push_back({.path = fmt::format("{}/{:04}.jpg", drawn.name, i), .label = static_cast<int>(c)});
      numbers.push_back(static_cast<size_t>(i));
    }
  }
  std::atomic<size_t> done = 0;
  const int threads = options.threads > 0 ? options.threads : AllowedCpus();
  ParallelFor(dataset.items.size(), threads, [&](int, size_t i) {
    Item& item = dataset.items[i];
    const Bytes file = DrawOne(options.set, options.seed, static_cast<size_t>(item.label), numbers[i]);
    item.sha256 = core::Sha256Hex(file);
    staged.Write(item.path, file);
    if (options.progress) options.progress(done.fetch_add(1) + 1, dataset.items.size());
  });
  SplitOptions split = options.split;
  split.seed = options.seed;
  SplitDataset(dataset, split);
  dataset.settings["drawn"] = options.set;
  staged.Write("manifest.jsonl", ManifestText(dataset, folder));
  staged.Commit();
  return dataset;
}

}  // namespace bakeoff::data::draw
