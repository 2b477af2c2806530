// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A look at every picture of a data set: what is broken, duplicated or mislabelled, and how large it all is.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bakeoff/json.h"
#include "data/dataset.h"

namespace bakeoff::data {

struct ScannedItem {
  std::string broken;        // the reason; empty for a good picture
  bool mislabelled = false;  // its content is of another format than its name says
  bool changed = false;      // its bytes are not those that the manifest's hash stands for
  std::string format;        // "jpeg" ...; "cifar" for raw records
  int width = 0, height = 0;
  uint64_t bytes = 0;
};

struct ScanOptions {
  int threads = 0;  // 0: the allowed CPUs
  DecodeLimits limits;
  std::function<void(size_t done, size_t all)> progress;  // from any thread
};

struct Scan {
  std::vector<ScannedItem> items;               // as dataset.items
  std::vector<size_t> broken;                   // indices, sorted
  std::vector<std::vector<size_t>> duplicates;  // groups of good items with the same bytes, in order of their first
  std::vector<size_t> conflicts;                // indices into duplicates: groups with more than one class
  std::vector<size_t> leaks;  // indices into duplicates: groups on more than one side of the given splits
};

// Reads and decodes everything; sets the items' sha256.
Scan ScanDataset(Dataset& dataset, const ScanOptions& options = {});

// Items of the part (kNone: of all) whose bytes are not those that their hash stands for. Items without a hash and
// items that cannot be read are not among them.
std::vector<size_t> ChangedItems(const Dataset& dataset, Split part, int threads = 0);

// How many broken files are put up with: "1%" (of all) or "12". Throws Error{kUsage}.
class MaxBroken {
 public:
  explicit MaxBroken(std::string_view text);
  // Throws Error{kUsage} that names the broken files with their reasons (the first twenty) if there are too many of
  // them.
  void Check(const Dataset& dataset, const Scan& scan) const;
  // The same for paths and reasons met so far among `all` pictures, of which `seen` were looked at.
  void Check(const std::vector<std::pair<std::string, std::string>>& broken, size_t all, size_t seen) const;

 private:
  std::string text_;
  double share_ = 0;
  size_t count_ = 0;
  bool is_share_ = false;
};

// Removes the broken items from both.
void DropBroken(Dataset& dataset, Scan& scan);

// For `data info --json`: {"source", "images", "classes": [{"name", "images", "train", ..}], "imbalance", "sizes",
// "formats", "bytes", "broken": [{"path", "reason"}], "mislabelled": [..], "changed": [..], "duplicates": [[..]],
// "conflicts", "leaks", "ignored", "data_sha256"}.
Json InfoJson(const Dataset& dataset, const Scan& scan);

}  // namespace bakeoff::data
