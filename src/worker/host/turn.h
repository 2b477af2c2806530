// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A lock that is waited for until a time limit: whose turn it is to write to a worker.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace bakeoff::worker {

// What std::timed_mutex is for. That one ends in pthread_mutex_clocklock(), which GCC 12's thread sanitizer does not
// know: it then calls every unlock wrong, and would not see a race on what the lock guards.
class Turn {
 public:
  // Holds the turn until its end, if it came in time.
  class Hold {
   public:
    Hold(Turn& turn, std::chrono::steady_clock::time_point deadline) : turn_(turn), owns_(turn.Take(deadline)) {}
    ~Hold() {
      if (owns_) turn_.Give();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    bool owns() const { return owns_; }

   private:
    Turn& turn_;
    bool owns_;
  };

 private:
  bool Take(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    if (!free_again_.wait_until(lock, deadline, [this] { return !taken_; })) return false;
    return taken_ = true;
  }

  void Give() {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    free_again_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable free_again_;
  bool taken_ = false;
};

}  // namespace bakeoff::worker
