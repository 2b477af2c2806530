// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The thread, and how it is woken to end.
#include "core/repeated.h"

#include <utility>

namespace bakeoff::core {

Repeated::Repeated(std::chrono::nanoseconds period, std::function<bool()> work)
    : thread_([this, period, work = std::move(work)] {
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, period, [this] { return ending_; })) {
          if (!work()) return;
        }
      }) {}

Repeated::~Repeated() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

}  // namespace bakeoff::core
