// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The list of networks and their lookup by name.
#include "train/zoo/zoo.h"

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "core/text.h"
#include "train/zoo/layers.h"

namespace bakeoff::train::zoo {

std::span<const ZooRow> Networks() {
  static const std::vector<ZooRow> rows = [] {
    std::vector<ZooRow> all;
    for (const auto family : {ResnetRows, MobilenetRows, EfficientnetRows, ConvnextRows, VitRows}) {
      const auto some = family();
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }();
  return rows;
}

const ZooRow& Find(std::string_view name) {
  std::vector<std::string> names;
  for (const ZooRow& row : Networks()) {
    if (row.name == name) return row;
    names.emplace_back(row.name);
  }
  throw Error(ErrorCode::kNotFound, fmt::format("no network '{}'{}; known: {}", name, core::DidYouMean(name, names),
                                                core::Join(names, ", ")));
}

std::shared_ptr<Classifier> Build(std::string_view name, const ZooOptions& options) {
  if (options.classes < 1)
    throw Error(ErrorCode::kUsage, fmt::format("{} classes: at least 1 is needed", options.classes));
  if (options.width <= 0) throw Error(ErrorCode::kUsage, fmt::format("width {}: it must be above 0", options.width));
  const ZooRow& row = Find(name);
  if (options.width != 1.0 && !name.starts_with("mobilenet"))
    throw Error(ErrorCode::kUsage, fmt::format("{} has no width multiplier; only mobilenet_* has", name));
  if (options.small_stem && !name.starts_with("resnet"))
    throw Error(ErrorCode::kUsage, fmt::format("{} has no 32x32 stem; only resnet* has", name));
  return row.build(options);
}

}  // namespace bakeoff::train::zoo
