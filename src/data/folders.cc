// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Classes and splits from folder names: ROOT/[train|val|test/]CLASS/.../picture.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "bakeoff/error.h"
#include "core/text.h"
#include "data/dataset.h"

namespace bakeoff::data {
namespace {

// Read or refused with a reason; anything else beside the pictures (texts, tables) is left alone and listed.
bool LooksLikePicture(const std::string& name) {
  static const std::set<std::string> kOther = {"gif", "tif", "tiff", "heic", "heif", "avif", "jp2", "jxl"};
  const std::string base = name.substr(name.rfind('/') + 1);
  const size_t dot = base.rfind('.');
  return FormatByName(base).has_value() || dot == std::string::npos ||
         kOther.contains(core::Lower(base.substr(dot + 1)));
}

bool IsJunk(const std::string& name) {
  return name.starts_with("__MACOSX/") || name.starts_with('.') || name.find("/.") != std::string::npos ||
         name.ends_with("Thumbs.db") || name.ends_with("desktop.ini");
}

std::string First(const std::string& path) {
  return path.substr(0, path.find('/'));
}

// The leading folder that all share and that is no class: every path has at least one more folder below it.
std::string CommonRoot(const std::vector<std::string>& paths) {
  std::string root;
  while (!paths.empty()) {
    const std::string first = First(paths[0].substr(root.size()));
    const bool shared = std::all_of(paths.begin(), paths.end(), [&](const std::string& path) {
      const std::string rest = path.substr(root.size());
      return rest.starts_with(first + "/") && rest.find('/', first.size() + 1) != std::string::npos;
    });
    if (!shared || SplitByName(first)) break;
    root += first + "/";
  }
  return root;
}

struct Place {
  Split split = Split::kNone;
  std::string name;  // of the class; empty outside every class
};

Place PlaceOf(const std::string& path, size_t root, bool splits, bool is_folder) {
  Place place;
  std::string rest = path.size() > root ? path.substr(root) : "";
  if (splits) {
    const auto split = SplitByName(First(rest));
    if (!split) return place;
    place.split = *split;
    const size_t slash = rest.find('/');
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
  }
  if (is_folder || rest.find('/') != std::string::npos) place.name = First(rest);
  return place;
}

}  // namespace

void LabelByFolders(Dataset& dataset) {
  const auto& entries = dataset.container->entries();
  std::vector<std::string> paths;
  std::vector<size_t> which;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (IsJunk(entries[i].name)) continue;
    if (LooksLikePicture(entries[i].name) && entries[i].name.find('/') != std::string::npos) {
      paths.push_back(entries[i].name), which.push_back(i);
    } else {
      dataset.ignored.push_back(entries[i].name);
    }
  }
  if (paths.empty()) {
    throw Error(
        ErrorCode::kUsage,
        fmt::format(
            "no pictures in class folders ({} other files); wanted: one folder per class, with JPEG, PNG, WebP or "
            "BMP files in it, perhaps inside train/, val/ and test/",
            dataset.ignored.size()));
  }
  const size_t root = CommonRoot(paths).size();
  // train/ alone may be a class of trains; with a second split folder, or folders below it, it is a split.
  const bool splits = std::all_of(paths.begin(), paths.end(), [&](const std::string& path) {
    const std::string rest = path.substr(root);
    return SplitByName(First(rest)) && rest.find('/', First(rest).size() + 1) != std::string::npos;
  });
  std::vector<std::string> names;
  std::set<std::string> every;
  for (size_t i = 0; i < paths.size(); ++i) {
    const Place place = PlaceOf(paths[i], root, splits, false);
    if (place.name.empty()) {
      dataset.ignored.push_back(paths[i]);
      continue;
    }
    dataset.items.push_back({.path = paths[i], .split = place.split, .entry = which[i]});
    names.push_back(place.name);
    every.insert(place.name);
  }
  // Class folders without a picture are classes too, so that they are noticed.
  for (const std::string& folder : dataset.container->folders()) {
    if (IsJunk(folder + "/") || folder.size() <= root) continue;
    const Place place = PlaceOf(folder, root, splits, true);
    if (!place.name.empty() && !(place.name.starts_with('.') || place.name == "__MACOSX")) every.insert(place.name);
  }
  std::sort(dataset.ignored.begin(), dataset.ignored.end());
  dataset.classes.clear();
  std::vector<std::string> all(every.begin(), every.end());
  Dataset probe;  // SetClasses() sorts numbers as numbers
  probe.items.resize(all.size());
  SetClasses(probe, all);
  dataset.classes = probe.classes;
  SetClasses(dataset, names);
}

}  // namespace bakeoff::data
