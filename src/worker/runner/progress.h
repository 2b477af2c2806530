// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tells the host how far a scenario is, from a thread of its own that only reads a counter.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/repeated.h"

namespace bakeoff::worker {

// Its name in lists of threads.
inline constexpr const char* kProgressThread = "progress";

class ProgressThread {
 public:
  // Returns runs so far.
  using Counter = std::function<int64_t()>;
  using Sink = std::function<void(std::string_view phase, int64_t runs, int64_t elapsed_ns)>;

  // No thread at all when period_ns is 0. `sink` is called on the thread; what it throws ends the reports, not the run.
  ProgressThread(std::string_view phase, int64_t period_ns, Counter counter, Sink sink);

 private:
  std::optional<core::Repeated> reports_;
};

}  // namespace bakeoff::worker
