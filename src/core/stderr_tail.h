// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a library writes to this process's stderr during a call: some give their reasons only there.
#pragma once

#include <string>
#include <thread>

namespace bakeoff::core {

// Between construction and Stop() everything written to descriptor 2, by any thread, is kept and passed on at once, so
// that the words before a crash are not lost. One at a time per process. Where descriptors run out it captures nothing.
class StderrTail {
 public:
  StderrTail();
  ~StderrTail() { Stop(); }
  StderrTail(const StderrTail&) = delete;
  StderrTail& operator=(const StderrTail&) = delete;

  // Ends the capture and returns the last `kKept` bytes of what was written.
  const std::string& Stop();

  static constexpr size_t kKept = 16384;

 private:
  int saved_ = -1;
  std::thread reader_;
  std::string text_;
};

}  // namespace bakeoff::core
