// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The data of a training: opened, read through, checked, and divided where it has no parts.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "data/dataset.h"
#include "train/run_folder.h"

namespace bakeoff::train {

struct JobDataOptions {
  std::string data;  // what --data names
  std::string max_broken;
  uint64_t seed = 0;  // of the split
  int threads = 1;
  bool resume = true;  // keep to the manifest that the folder has
  std::function<void(const std::string& line)> say;
  std::function<void(size_t done, size_t all)> progress;  // from any thread
};

struct JobData {
  std::shared_ptr<const data::Dataset> dataset;
  // To be written into the folder; "" where the data has its parts, or the folder its manifest. `how` it was divided.
  std::string new_manifest, how;
  bool reads_through_it = false;  // --data is the folder's own manifest, which a run that begins anew must not remove
};

// Writes nothing. A run that goes on keeps the parts that it began with, and only with the very pictures of its
// manifest. Throws Error: kUsage (the folder's manifest is of other data, naming both; one class; a class without
// training pictures; too many broken pictures), and what opening throws.
JobData OpenJobData(const JobDataOptions& options, const RunFolder& folder);

}  // namespace bakeoff::train
