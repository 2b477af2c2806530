// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the members of `bakeoff data` share.
#include "cli/data_common.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace bakeoff::cli {

std::function<void(size_t, size_t)> ProgressOf(Console& console, const char* verb) {
  const auto start = std::chrono::steady_clock::now();
  return [&console, verb, start](size_t done, size_t all) {
    if (done % 16 != 0 || std::chrono::steady_clock::now() - start < std::chrono::seconds(1)) return;
    console.Progress(fmt::format("{} {} of {}", verb, done, all));
  };
}

data::ScanOptions ReadScanOptions(const Options& options) {
  data::ScanOptions scan;
  scan.limits.max_pixels = options.Int("max-pixels", 1, int64_t{1} << 32);
  scan.threads = static_cast<int>(options.Int("workers", 0, 4096));
  return scan;
}

data::Scan ScanWithProgress(data::Dataset& dataset, const Options& options, Console& console) {
  data::ScanOptions scan = ReadScanOptions(options);
  scan.progress = ProgressOf(console, "reading");
  data::Scan result = data::ScanDataset(dataset, scan);
  console.Clear();
  return result;
}

Json SkipBroken(data::Dataset& dataset, data::Scan& scan, const Options& options, Console& console) {
  data::MaxBroken(options.Text("max-broken")).Check(dataset, scan);
  Json skipped = Json::array();
  for (const size_t i : scan.broken) {
    console.Note(fmt::format("skipped {}: {}", dataset.items[i].path, scan.items[i].broken));
    skipped.push_back({{"path", dataset.items[i].path}, {"reason", scan.items[i].broken}});
  }
  data::DropBroken(dataset, scan);
  return skipped;
}

Table ClassTable(const data::Dataset& dataset) {
  using data::Split;
  Table table{.columns = {{.title = "class", .wrap = true}, {.title = "pictures", .right = true}}};
  std::vector<std::vector<size_t>> parts;
  for (const Split split : {Split::kTrain, Split::kVal, Split::kTest, Split::kUnused}) {
    const std::vector<size_t> counts = dataset.Count(split);
    if (std::all_of(counts.begin(), counts.end(), [](size_t n) { return n == 0; })) continue;
    table.columns.push_back({.title = std::string(data::SplitName(split)), .right = true});
    parts.push_back(counts);
  }
  std::vector<size_t> all(dataset.classes.size());
  for (const data::Item& item : dataset.items) ++all[static_cast<size_t>(item.label)];
  for (size_t c = 0; c < all.size(); ++c) {
    table.rows.push_back(
        {{dataset.classes[c], Style::kBold}, {std::to_string(all[c]), all[c] == 0 ? Style::kBad : Style::kPlain}});
    for (const auto& part : parts) table.rows.back().emplace_back(std::to_string(part[c]));
  }
  return table;
}

}  // namespace bakeoff::cli
