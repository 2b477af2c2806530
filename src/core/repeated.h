// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Work that is done again and again, on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace bakeoff::core {

class Repeated {
 public:
  // Calls `work`, which must not throw, every `period`, for the first time after one: until it returns false, or the
  // object goes.
  Repeated(std::chrono::nanoseconds period, std::function<bool()> work);
  // Wakes the thread; waits for a call at work.
  ~Repeated();
  Repeated(const Repeated&) = delete;
  Repeated& operator=(const Repeated&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace bakeoff::core
