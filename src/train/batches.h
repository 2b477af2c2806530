// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Where batches come from, as the trainer sees it.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bakeoff::train {

struct Batch {
  torch::Tensor images;   // f32, N x 3 x H x W, ready for the network
  torch::Tensor labels;   // i64, N
  torch::Tensor weights;  // f32, N: factor of each example's loss; undefined means 1
};

// One split of a data set, served in batches. Used by one thread.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  // Examples of one epoch, after balancing.
  virtual int64_t Examples() const = 0;
  // Class frequencies, for class weights.
  virtual std::vector<int64_t> ClassCounts() const = 0;
  // Prepares epoch `epoch` from its batch `first` on. Order and augmentation depend on (seed, epoch, index) alone, so
  // that a resumed run sees the same bytes.
  virtual void Start(int64_t epoch, int64_t first) = 0;
  // False when the epoch is over. The last batch may be smaller. Throws Error naming the file that could not be used.
  virtual bool Next(Batch& batch) = 0;
};

}  // namespace bakeoff::train
