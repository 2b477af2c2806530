// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Opening of data sets, and CIFAR-10's binary records.
#include "data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "bakeoff/error.h"
#include "core/sha256.h"
#include "core/text.h"

namespace bakeoff::data {
namespace {

constexpr int kCifarSide = 32;
constexpr uint64_t kCifarRecord = 1 + 3 * kCifarSide * kCifarSide;

namespace fs = std::filesystem;

bool IsList(const std::string& path) {
  const std::string lower = core::Lower(path);
  return lower.ends_with(".jsonl") || lower.ends_with(".csv");
}

std::string BaseName(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

void AddCifarBatch(Dataset& dataset, size_t entry, Split split) {
  const Entry& e = dataset.container->entries()[entry];
  if (e.size == 0 || e.size % kCifarRecord != 0) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: {} bytes are no whole number of CIFAR-10 records of {}", e.name,
                                               e.size, kCifarRecord));
  }
  // Labels only; the pixels are read when they are needed.
  const Bytes bytes = dataset.container->ReadAll(entry);
  for (uint64_t offset = 0; offset < e.size; offset += kCifarRecord) {
    const int label = bytes[offset];
    const uint64_t number = offset / kCifarRecord;
    if (label > 9)
      throw Error(ErrorCode::kUsage,
                  fmt::format("{}: record {} has the label {}; CIFAR-10 has 0 to 9", e.name, number, label));
    dataset.items.push_back({.path = fmt::format("{}#{}", e.name, number),
                             .label = label,
                             .split = split,
                             .entry = entry,
                             .offset = offset});
  }
}

}  // namespace

std::string_view SplitName(Split split) {
  switch (split) {
    case Split::kNone:
      return "";
    case Split::kTrain:
      return "train";
    case Split::kVal:
      return "val";
    case Split::kTest:
      return "test";
    case Split::kUnused:
      return "unused";
  }
  return "";
}

std::optional<Split> SplitByName(std::string_view name) {
  static const std::map<std::string, Split, std::less<>> kNames = {
      {"train", Split::kTrain}, {"training", Split::kTrain}, {"val", Split::kVal},
      {"valid", Split::kVal},   {"validation", Split::kVal}, {"dev", Split::kVal},
      {"test", Split::kTest},   {"testing", Split::kTest},   {"unused", Split::kUnused}};
  const auto found = kNames.find(core::Lower(name));
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

Bytes Dataset::Read(const Item& item) const {
  try {
    return cifar ? container->Read(item.entry, item.offset, kCifarRecord) : container->ReadAll(item.entry);
  } catch (const Error& error) {
    throw error.text().find(item.path) != std::string::npos ? error : error.With(item.path);
  }
}

void Dataset::Decode(const Bytes& bytes, Image& out, const DecodeLimits& limits) const {
  if (!cifar) return data::Decode(bytes, out, limits);
  constexpr size_t kPlane = size_t{kCifarSide} * kCifarSide;
  if (bytes.size() != kCifarRecord) throw Error(ErrorCode::kInternal, "a CIFAR-10 record of another size");
  out.Resize(kCifarSide, kCifarSide);
  for (size_t i = 0; i < kPlane; ++i) {
    for (size_t c = 0; c < 3; ++c) out.rgb[3 * i + c] = bytes[1 + c * kPlane + i];
  }
}

bool Dataset::HasSplits() const {
  return std::any_of(items.begin(), items.end(), [](const Item& item) { return item.split != Split::kNone; });
}

std::vector<size_t> Dataset::Count(Split split) const {
  std::vector<size_t> counts(classes.size());
  for (const Item& item : items) {
    if (item.split == split) ++counts[static_cast<size_t>(item.label)];
  }
  return counts;
}

void SetClasses(Dataset& dataset, const std::vector<std::string>& class_of_item) {
  const std::set<std::string> names(class_of_item.begin(), class_of_item.end());
  if (dataset.classes.empty()) {
    dataset.classes.assign(names.begin(), names.end());
    // "10" after "9": labels that are numbers keep their order.
    const bool numbers = std::all_of(names.begin(), names.end(),
                                     [](const std::string& name) { return core::ParseInt(name).has_value(); });
    if (numbers) {
      std::sort(dataset.classes.begin(), dataset.classes.end(),
                [](const std::string& a, const std::string& b) { return *core::ParseInt(a) < *core::ParseInt(b); });
    }
  }
  std::map<std::string, int> index;
  for (size_t i = 0; i < dataset.classes.size(); ++i) index[dataset.classes[i]] = static_cast<int>(i);
  for (size_t i = 0; i < dataset.items.size(); ++i) {
    const auto found = index.find(class_of_item[i]);
    if (found == index.end()) {
      throw Error(ErrorCode::kUsage, fmt::format("{} has the class '{}', which the list of classes lacks",
                                                 dataset.items[i].path, class_of_item[i]));
    }
    dataset.items[i].label = found->second;
  }
}

bool LabelCifar(Dataset& dataset) {
  const auto& entries = dataset.container->entries();
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string name = BaseName(entries[i].name);
    if (name.starts_with("data_batch_") && name.ends_with(".bin")) AddCifarBatch(dataset, i, Split::kTrain);
    if (name == "test_batch.bin") AddCifarBatch(dataset, i, Split::kTest);
  }
  if (dataset.items.empty()) return false;
  dataset.cifar = true;
  dataset.classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
  return true;
}

void NeedDataset(const std::string& path) {
  std::error_code ignored;
  if (!IsList(path) && fs::is_regular_file(path, ignored)) {
    const File file(path);
    try {
      if (IsGzip(file)) return NeedPackedTar(file);
    } catch (const Error& error) {
      throw error.With(path);
    }
  }
  OpenDataset(path);
}

Dataset OpenDataset(const std::string& path, bool raw, const ContainerLimits& limits) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) throw Error(ErrorCode::kNotFound, fmt::format("{}: no such file or folder", path));
  if (fs::is_directory(path, ignored) && !raw && fs::exists(fs::path(path) / "manifest.jsonl", ignored)) {
    Dataset dataset = OpenList((fs::path(path) / "manifest.jsonl").string(), limits);
    dataset.source = path;
    return dataset;
  }
  if (IsList(path)) return OpenList(path, limits, raw);
  Dataset dataset;
  dataset.source = path;
  dataset.container = OpenContainer(path, limits);
  try {
    if (!LabelCifar(dataset)) LabelByFolders(dataset);
  } catch (const Error& error) {
    throw error.With(path);
  }
  return dataset;
}

std::string DataHash(const Dataset& dataset) {
  std::vector<std::string> lines;
  for (const Item& item : dataset.items) {
    lines.push_back(fmt::format("{} {} {}\n", item.sha256, dataset.classes[static_cast<size_t>(item.label)],
                                SplitName(item.split)));
  }
  std::sort(lines.begin(), lines.end());
  core::Sha256 hash;
  for (const std::string& line : lines) hash.Add(std::string_view(line));
  return core::Hex(hash.Finish());
}

}  // namespace bakeoff::data
