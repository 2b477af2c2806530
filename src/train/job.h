// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A whole training: data, recipe, network, loop, export.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "bakeoff/json.h"
#include "train/trainer.h"

namespace bakeoff::train {

// What `bakeoff train` asks for. `given` holds the TrainOptions fields that the user set; the others come from the
// recipe.
struct TrainJob {
  std::string data;  // "" only with 0 epochs
  std::filesystem::path out;
  Json given = Json::object();
  std::string max_broken = "1%";
  int workers = 1;
  size_t cache_bytes = 1ull << 30;  // decoded pictures kept in memory, of all parts together
  bool resume = true;

  // Throws Error{kUsage} naming the field.
  static TrainJob FromJson(const Json& json);
};

struct JobResult {
  TrainResult train;
  Json test = nullptr;  // metrics on the test split, null without one
  std::filesystem::path folder;
};

struct JobHooks {
  std::function<void(const std::string& line)> say;
  std::function<void(size_t done, size_t all)> on_reading;  // while the data is looked through; from any thread
  std::function<void(const TrainEvent&)> on_event;
  std::function<bool()> interrupted;
};

// The recipe for what the user left open, from the size of the data: image size, epochs, optimiser, rates.
TrainOptions Recipe(const Json& given, int64_t training_images, bool tiny_pictures);

// Writes OUT/manifest.jsonl (when the data had no split), OUT/log.jsonl, checkpoints, and at the end the model folder.
// With 0 epochs it needs no data: it loads the weights (class count from them) and exports. Throws what its parts
// throw.
JobResult RunJob(const TrainJob& job, const JobHooks& hooks);

}  // namespace bakeoff::train
