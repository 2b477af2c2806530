// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Copying any source to a plain folder with a manifest: DIR/[SPLIT/]CLASS/picture.
#pragma once

#include <functional>
#include <string>

#include "data/dataset.h"

namespace bakeoff::data {

enum class LinkMode { kCopy, kHard, kSymbolic };

struct ImportOptions {
  LinkMode link = LinkMode::kCopy;
  std::function<void(size_t done, size_t all)> progress;
};

// Writes the items of a scanned data set without broken ones; CIFAR records become PNG files. `folder` must be absent
// or empty and appears with everything at once. Names that collide get a number. Throws Error: kUsage (links to a
// source that is an archive, a class name that is no folder's name), kUnavailable (disk full, hard links across file
// systems ...). Returns the new data set, with its manifest written.
Dataset ImportDataset(const Dataset& source, const std::string& folder, const ImportOptions& options = {});

}  // namespace bakeoff::data
