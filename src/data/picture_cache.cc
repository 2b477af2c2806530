// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Decoded pictures, kept in memory up to a limit.
#include "data/picture_cache.h"

namespace bakeoff::data {

PictureCache::PictureCache(size_t items, size_t limit) : limit_(limit), pictures_(limit > 0 ? items : 0) {}

std::shared_ptr<const Image> PictureCache::Find(size_t item) const {
  if (pictures_.empty()) return nullptr;
  const std::lock_guard lock(mutex_);
  return pictures_.at(item);
}

void PictureCache::Keep(size_t item, const Image& picture) {
  const size_t size = picture.rgb.size() + sizeof(Image) + 64;
  {
    const std::lock_guard lock(mutex_);
    if (full_ || used_ + size > limit_) {
      full_ = true;
      return;
    }
    used_ += size;
  }
  auto copy = std::make_shared<const Image>(picture);
  const std::lock_guard lock(mutex_);
  if (pictures_.at(item)) used_ -= size;  // a repeat of it was decoded at the same time
  pictures_.at(item) = std::move(copy);
}

bool PictureCache::Open() const {
  const std::lock_guard lock(mutex_);
  return !pictures_.empty() && !full_;
}

size_t PictureCache::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

}  // namespace bakeoff::data
