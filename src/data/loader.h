// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Batches for training and evaluation: read, decoded and pre-processed by threads, in an order that does not depend on
// how many they are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/augment.h"
#include "data/dataset.h"
#include "data/picture_cache.h"
#include "data/preprocess.h"

namespace bakeoff::data {

struct LoaderOptions {
  Split split = Split::kTrain;  // kNone: every item that is not kUnused
  size_t batch = 32;
  bool drop_last = false;  // leave out the last, smaller batch
  bool shuffle = false;    // per epoch, by seed; without it: the order of the data set
  uint64_t seed = 0;
  std::optional<Augment> augment;  // keyed by (seed, epoch, item): a picture repeated within an epoch changes each time
  int workers = 0;                 // threads; 0: the caller's own, when it asks
  // Batches in memory, the one in use included; the bound of the loader's memory besides the cache. Without workers: 1.
  size_t ahead = 4;
  // Decoded pictures of this data set that are kept; loaders of other parts of it may share it. Null: none are.
  std::shared_ptr<PictureCache> cache;
  // A picture that cannot be read or decoded stays in its batch as zeros, with the reason in Batch::broken.
  bool keep_broken = false;
  DecodeLimits limits;
};

struct Batch {
  size_t count = 0;                 // pictures in it
  std::vector<float> values;        // count x pre-processed picture; room for more may follow
  std::vector<int64_t> labels;      // count
  std::vector<float> weights;       // count; of the loss
  std::vector<size_t> items;        // count; indices into dataset.items
  std::vector<std::string> broken;  // count; why it could not be read (with keep_broken), empty for a good picture
};

// What --workers automatic needs to know. All since the loader was made.
struct LoaderStats {
  uint64_t batches = 0, pictures = 0;
  int64_t wait_ns = 0;         // the consumer stood still in Next() (with no workers: its own work)
  int64_t worker_cpu_ns = 0;   // CPU time of the workers (with no workers: of Next())
  int64_t worker_idle_ns = 0;  // workers stood still because `ahead` batches were ready
  uint64_t decoded = 0;        // pictures that were decoded; the others came from the cache
  uint64_t cache_hits = 0;
  size_t cache_bytes = 0;  // in the cache now, whoever put them there
};

// One consumer thread. StartEpoch(), then Next() until it returns null; again with the next epoch. Destruction and
// StartEpoch() may come at any moment: the workers end within one picture. A picture that cannot be read or decoded is
// thrown by Next() at its place in the order, as an Error that names the file; afterwards the epoch is over.
class Loader {
 public:
  // `dataset` must not change while the loader lives. Throws Error{kUsage} when the split has no items or the pipeline
  // no fixed size.
  Loader(std::shared_ptr<const Dataset> dataset, const Preprocess& pipeline, const LoaderOptions& options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // `first_batch`: where to go on in an epoch that was interrupted; the batches are those that it would have had.
  void StartEpoch(uint64_t epoch, size_t first_batch = 0);
  // The next batch, valid until the next call of Next() or StartEpoch(); null at the end of the epoch.
  const Batch* Next();

  size_t batches_per_epoch() const;
  size_t pictures_per_epoch() const;  // repeats counted
  LoaderStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bakeoff::data
