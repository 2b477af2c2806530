// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Decoded pictures of one data set, kept in memory up to a limit; loaders of several parts share one.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "data/image.h"

namespace bakeoff::data {

// Filled until the limit and then kept: every epoch visits every picture, so throwing out the oldest would never hit.
// Thread-safe.
class PictureCache {
 public:
  // `items`: how many the data set has; pictures are known by their index in it. `limit`: bytes of all together.
  PictureCache(size_t items, size_t limit);

  // Null when it is not there.
  std::shared_ptr<const Image> Find(size_t item) const;
  // Does nothing when there is no room; the first time that happens, the cache is full for good.
  void Keep(size_t item, const Image& picture);
  // Whether it is worth decoding whole pictures.
  bool Open() const;
  size_t used() const;

 private:
  const size_t limit_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Image>> pictures_;
  size_t used_ = 0;
  bool full_ = false;
};

}  // namespace bakeoff::data
