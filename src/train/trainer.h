// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The training loop: steps, validation, averaging, early stopping, checkpoints, resuming.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "train/batches.h"
#include "train/options.h"
#include "train/zoo/zoo.h"

namespace bakeoff::train {

// What the loop says while it runs: once where it goes on from a checkpoint (epoch: those that are done; batch: those
// of the next one; ended: there is no next one), one call a step, and one after each validation, just before its
// checkpoint.
struct TrainEvent {
  enum class Kind { kResumed, kStep, kEpoch } kind = Kind::kStep;
  int64_t epoch = 0, epochs = 0, batch = 0, batches = 0;
  double loss = 0, accuracy = 0;  // running, over this epoch
  double learning_rate = 0;
  double images_per_second = 0;
  double waiting_share = 0;  // of this epoch's time so far, spent waiting for data
  double eta_seconds = 0;    // of the whole run
  std::optional<double> validation_top1, validation_loss;
  Json validation = nullptr;               // all metrics but the confusion matrix, per class too
  int64_t train_ns = 0, train_cpu_ns = 0;  // of the epoch's steps: wall clock, and CPU time of all threads
  bool best = false;
  bool ended = false;
};

// Of the whole run, with what was done before it was resumed: it ends as one that was never stopped.
struct TrainResult {
  int64_t epochs = 0, best_epoch = 0, steps = 0;
  double best_top1 = 0;
  bool stopped_early = false, interrupted = false;
  Json history = Json::array();  // one object per epoch
  Json validation = nullptr;     // all metrics of the best epoch
};

struct TrainRun {
  TrainOptions options;
  std::filesystem::path folder;  // checkpoint files go here: last.safetensors, best.safetensors
  std::vector<std::string> classes;
  std::string data_hash;  // a run is resumed only on the same data
  bool resume = false;
  std::function<void(const TrainEvent&)> on_event;
  std::function<bool()> interrupted;  // asked after each step; true = checkpoint and stop
};

// Trains `network` in place and leaves the best weights (the averaged ones with EMA) in it. With the same options,
// data, thread count and CPU level a run repeats bit for bit, and one that was killed at any moment ends with the same
// weights as one that was not. Throws Error: kEngineFailed when the loss is no number or a weight is not finite (saying
// the step; the last good checkpoint stays), kUsage when a checkpoint belongs to another run (naming the difference),
// kUnavailable when a checkpoint cannot be written.
TrainResult Train(zoo::Classifier& network, BatchSource& train, BatchSource& validation, const TrainRun& run);

}  // namespace bakeoff::train
