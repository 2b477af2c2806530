// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Threads that stay for a whole scenario, one per request in flight: runtimes keep per-thread state that the warm-up
// must warm.
#pragma once

#include <barrier>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace bakeoff::worker {

class Team {
 public:
  // What thread number `index` does from `begin` on; returns when its last inference ended.
  using Work = std::function<int64_t(size_t index, int64_t begin)>;

  // `stop` ends the work of the others where one of them throws.
  Team(size_t size, std::function<void()> stop);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // The calling thread is number 0. Returns the time from the first thread's start to the last one's end: waking the
  // team is not part of it. Throws what a thread threw first.
  int64_t Run(const Work& work);

 private:
  struct Span {
    int64_t begin = 0, end = 0;
  };
  void Follow(size_t index);
  void RunOne(size_t index);

  const std::function<void()> stop_;
  const Work* work_ = nullptr;
  std::barrier<> gate_;
  std::vector<Span> spans_;
  bool ending_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace bakeoff::worker
