// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads, hashes and decodes every picture, in parallel, and gathers what is wrong.
#include "data/scan.h"

#include <fmt/format.h>
#include <sched.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "bakeoff/error.h"
#include "core/sha256.h"
#include "core/text.h"
#include "data/parallel.h"

namespace bakeoff::data {
namespace {

constexpr size_t kNamed = 20;

ScannedItem Look(const Dataset& dataset, Item& item, Image& scratch, const DecodeLimits& limits) {
  ScannedItem found;
  try {
    const Bytes bytes = dataset.Read(item);
    found.bytes = bytes.size();
    const std::string before = std::move(item.sha256);
    item.sha256 = core::Sha256Hex(bytes);
    found.changed = !before.empty() && before != item.sha256;
    if (dataset.cifar) {
      dataset.Decode(bytes, scratch);
      found.format = "cifar";
    } else {
      const ImageHeader header = ReadHeader(bytes, limits);
      found.format = FormatName(header.format);
      const auto promised = FormatByName(item.path);
      found.mislabelled = promised && *promised != header.format;
      DecodeRegion(bytes, header, {}, scratch, limits);
    }
    found.width = scratch.width, found.height = scratch.height;
  } catch (const Error& error) {
    // The path is told beside the reason.
    found.broken =
        error.text().starts_with(item.path + ": ") ? error.text().substr(item.path.size() + 2) : error.text();
  }
  return found;
}

void FindDuplicates(const Dataset& dataset, Scan& scan) {
  std::unordered_map<std::string, std::vector<size_t>> groups;
  for (size_t i = 0; i < dataset.items.size(); ++i) {
    if (scan.items[i].broken.empty()) groups[dataset.items[i].sha256].push_back(i);
  }
  scan.duplicates.clear(), scan.conflicts.clear(), scan.leaks.clear();
  for (auto& [hash, group] : groups) {
    if (group.size() > 1) scan.duplicates.push_back(std::move(group));
  }
  std::sort(scan.duplicates.begin(), scan.duplicates.end());
  for (size_t g = 0; g < scan.duplicates.size(); ++g) {
    std::set<int> labels;
    std::set<Split> splits;
    for (const size_t i : scan.duplicates[g]) {
      labels.insert(dataset.items[i].label);
      if (dataset.items[i].split != Split::kUnused) splits.insert(dataset.items[i].split);
    }
    if (labels.size() > 1) scan.conflicts.push_back(g);
    if (splits.size() > 1) scan.leaks.push_back(g);
  }
}

template <typename T>
Json Spread(std::vector<T> values) {
  if (values.empty()) return nullptr;
  std::sort(values.begin(), values.end());
  return {{"min", values.front()}, {"median", values[(values.size() - 1) / 2]}, {"max", values.back()}};
}

Json Paths(const Dataset& dataset, const std::vector<size_t>& group) {
  Json paths = Json::array();
  for (const size_t i : group) paths.push_back(dataset.items[i].path);
  return paths;
}

}  // namespace

int AllowedCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

Scan ScanDataset(Dataset& dataset, const ScanOptions& options) {
  const int threads = options.threads > 0 ? options.threads : AllowedCpus();
  Scan scan;
  scan.items.resize(dataset.items.size());
  std::vector<Image> scratch(static_cast<size_t>(threads));
  std::atomic<size_t> done = 0;
  ParallelFor(dataset.items.size(), threads, [&](int worker, size_t i) {
    scan.items[i] = Look(dataset, dataset.items[i], scratch[static_cast<size_t>(worker)], options.limits);
    if (options.progress) options.progress(done.fetch_add(1) + 1, dataset.items.size());
  });
  for (size_t i = 0; i < scan.items.size(); ++i) {
    if (!scan.items[i].broken.empty()) scan.broken.push_back(i);
  }
  FindDuplicates(dataset, scan);
  return scan;
}

std::vector<size_t> ChangedItems(const Dataset& dataset, Split part, int threads) {
  std::vector<char> changed(dataset.items.size());
  ParallelFor(dataset.items.size(), threads > 0 ? threads : AllowedCpus(), [&](int, size_t i) {
    const Item& item = dataset.items[i];
    if (item.sha256.empty() || (part != Split::kNone && item.split != part)) return;
    try {
      changed[i] = core::Sha256Hex(dataset.Read(item)) != item.sha256;
    } catch (const Error& error) {
      changed[i] = false;  // whoever decodes it tells why
      spdlog::debug("{}", error.text());
    }
  });
  std::vector<size_t> found;
  for (size_t i = 0; i < changed.size(); ++i) {
    if (changed[i]) found.push_back(i);
  }
  return found;
}

MaxBroken::MaxBroken(std::string_view text) : text_(text) {
  is_share_ = text.ends_with('%');
  const auto number = core::ParseReal(is_share_ ? text.substr(0, text.size() - 1) : text);
  const bool good =
      number && *number >= 0 && (is_share_ ? *number <= 100 : *number == std::floor(*number) && *number < 1e15);
  if (!good)
    throw Error(ErrorCode::kUsage,
                fmt::format("--max-broken '{}': give a share like 1% or a number of files like 5", text));
  if (is_share_) {
    share_ = *number / 100;
  } else {
    count_ = static_cast<size_t>(*number);
  }
}

void MaxBroken::Check(const Dataset& dataset, const Scan& scan) const {
  std::vector<std::pair<std::string, std::string>> broken;
  for (const size_t i : scan.broken) broken.emplace_back(dataset.items[i].path, scan.items[i].broken);
  Check(broken, dataset.items.size(), dataset.items.size());
}

void MaxBroken::Check(const std::vector<std::pair<std::string, std::string>>& broken, size_t all, size_t seen) const {
  const size_t count = broken.size();
  const bool good = is_share_ ? static_cast<double>(count) <= share_ * static_cast<double>(all) : count <= count_;
  if (good && count < all) return;
  std::string text = fmt::format(
      "{}{} of {} pictures are broken, --max-broken allows {}:", seen < all ? "at least " : "", count, all, text_);
  for (size_t i = 0; i < std::min(count, kNamed); ++i)
    text += fmt::format("\n  {}: {}", broken[i].first, broken[i].second);
  if (count > kNamed) text += fmt::format("\n  and {} more", count - kNamed);
  throw Error(ErrorCode::kUsage, text);
}

void DropBroken(Dataset& dataset, Scan& scan) {
  size_t kept = 0;
  for (size_t i = 0; i < dataset.items.size(); ++i) {
    if (!scan.items[i].broken.empty()) continue;
    if (kept != i) dataset.items[kept] = std::move(dataset.items[i]), scan.items[kept] = std::move(scan.items[i]);
    ++kept;
  }
  dataset.items.resize(kept), scan.items.resize(kept);
  scan.broken.clear();
  FindDuplicates(dataset, scan);
}

Json InfoJson(const Dataset& dataset, const Scan& scan) {
  std::vector<int> widths, heights;
  uint64_t bytes = 0;
  std::map<std::string, size_t> formats;
  Json broken = Json::array(), mislabelled = Json::array(), changed = Json::array();
  std::vector<std::map<Split, size_t>> counts(dataset.classes.size());
  for (size_t i = 0; i < dataset.items.size(); ++i) {
    const ScannedItem& item = scan.items[i];
    const std::string& path = dataset.items[i].path;
    bytes += item.bytes;
    if (item.mislabelled) mislabelled.push_back({{"path", path}, {"content", item.format}});
    if (item.changed) changed.push_back(path);
    if (!item.broken.empty()) {
      broken.push_back({{"path", path}, {"reason", item.broken}});
      continue;
    }
    ++formats[item.format];
    ++counts[static_cast<size_t>(dataset.items[i].label)][dataset.items[i].split];
    widths.push_back(item.width), heights.push_back(item.height);
  }
  Json classes = Json::array();
  size_t least = SIZE_MAX, most = 0;
  for (size_t c = 0; c < dataset.classes.size(); ++c) {
    Json row = {{"name", dataset.classes[c]}, {"images", 0}};
    size_t all = 0;
    for (const Split split : {Split::kTrain, Split::kVal, Split::kTest, Split::kUnused}) {
      if (dataset.HasSplits()) row[std::string(SplitName(split))] = counts[c][split];
    }
    for (const auto& [split, count] : counts[c]) all += count;
    row["images"] = all;
    least = std::min(least, all), most = std::max(most, all);
    classes.push_back(std::move(row));
  }
  Json duplicates = Json::array(), conflicts = Json::array(), leaks = Json::array();
  for (const auto& group : scan.duplicates) duplicates.push_back(Paths(dataset, group));
  for (const size_t g : scan.conflicts) conflicts.push_back(Paths(dataset, scan.duplicates[g]));
  for (const size_t g : scan.leaks) leaks.push_back(Paths(dataset, scan.duplicates[g]));
  return {{"source", dataset.source},
          {"images", widths.size()},
          {"classes", classes},
          // Largest over smallest class; unknown (null) when a class is empty.
          {"imbalance", least == 0 || dataset.classes.empty()
                            ? Json(nullptr)
                            : Json(static_cast<double>(most) / static_cast<double>(least))},
          {"width", Spread(widths)},
          {"height", Spread(heights)},
          {"formats", formats},
          {"bytes", bytes},
          {"broken", broken},
          {"mislabelled", mislabelled},
          {"changed", changed},
          {"duplicates", duplicates},
          {"conflicts", conflicts},
          {"leaks", leaks},
          {"ignored", dataset.ignored},
          {"data_sha256", DataHash(dataset)}};
}

}  // namespace bakeoff::data
