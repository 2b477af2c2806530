// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Copying any source to a plain folder with a manifest.
#include "data/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "bakeoff/error.h"
#include "core/sha256.h"
#include "data/staging.h"

namespace bakeoff::data {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 200;  // bytes; file systems allow 255

void CheckClassNames(const Dataset& dataset) {
  for (const std::string& name : dataset.classes) {
    const bool bad = name.empty() || name.starts_with('.') || name.size() > kLongestName ||
                     name.find('/') != std::string::npos ||
                     std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c == 127; });
    if (bad)
      throw Error(ErrorCode::kUsage,
                  fmt::format("the class '{}' cannot be a folder's name; rename it in the source", name));
  }
}

// SPLIT/CLASS/base, with a number before the ending where that is taken.
std::string NewName(const Dataset& dataset, const Item& item, std::set<std::string>& taken) {
  std::string base = item.path.substr(item.path.rfind('/') + 1);
  if (dataset.cifar) {
    std::replace(base.begin(), base.end(), '#', '-');
    base = base.substr(0, base.find(".bin")) + base.substr(base.find(".bin") + 4) + ".png";
  }
  if (base.size() > kLongestName) base = item.sha256.substr(0, 16) + base.substr(base.size() - 20);
  const std::string split(SplitName(item.split));
  const std::string folder =
      (split.empty() ? "" : split + "/") + dataset.classes[static_cast<size_t>(item.label)] + "/";
  const size_t dot = base.rfind('.');
  const std::string stem = base.substr(0, dot), ending = dot == std::string::npos ? "" : base.substr(dot);
  std::string name = folder + base;
  for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}{}-{}{}", folder, stem, n, ending);
  return name;
}

void Link(const fs::path& from, const fs::path& to, LinkMode mode, const std::string& shown) {
  std::error_code failure;
  if (mode == LinkMode::kHard) {
    fs::create_hard_link(fs::canonical(from, failure), to, failure);
  } else {
    fs::create_symlink(fs::absolute(from), to, failure);
  }
  if (failure)
    throw Error(ErrorCode::kUnavailable, fmt::format("{}: linking to {}: {}", shown, from.string(), failure.message()));
}

}  // namespace

Dataset ImportDataset(const Dataset& source, const std::string& folder, const ImportOptions& options) {
  CheckClassNames(source);
  if (options.link != LinkMode::kCopy &&
      (source.items.empty() || source.cifar || source.container->PathOf(source.items[0].entry).empty())) {
    throw Error(ErrorCode::kUsage,
                fmt::format("{}: only files in a folder can be linked to; leave out --link", source.source));
  }
  StagedFolder staged(folder);
  Dataset made;
  made.source = folder, made.classes = source.classes, made.settings = source.settings;
  std::set<std::string> taken = {"manifest.jsonl"};
  Image image;
  for (const Item& item : source.items) {
    Item copy = item;
    copy.path = NewName(source, item, taken);
    if (options.link != LinkMode::kCopy) {
      staged.MakeParent(copy.path);
      Link(source.container->PathOf(item.entry), fs::path(staged.path()) / copy.path, options.link,
           folder + "/" + copy.path);
    } else {
      Bytes bytes = source.Read(item);
      if (source.cifar) {
        source.Decode(bytes, image);
        bytes = EncodePng(image);
        copy.sha256 = core::Sha256Hex(bytes);
      }
      staged.Write(copy.path, bytes);
    }
    made.items.push_back(std::move(copy));
    if (options.progress) options.progress(made.items.size(), source.items.size());
  }
  staged.Write("manifest.jsonl", ManifestText(made, folder));
  staged.Commit();
  return made;
}

}  // namespace bakeoff::data
