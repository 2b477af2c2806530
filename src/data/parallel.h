// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A loop over threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace bakeoff::data {

// Calls body(worker, i) for every i below `count`, each once, from `threads` threads. The order is undefined, so the
// result of a body must depend on i alone. The first exception stops the loop and is thrown here.
template <typename Body>
void ParallelFor(size_t count, int threads, Body body) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&](int worker) {
    for (size_t i; (i = next.fetch_add(1)) < count;) {
      try {
        body(worker, i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (int t = 1; t < threads && static_cast<size_t>(t) < count; ++t) helpers.emplace_back(work, t);
  work(0);
  helpers.clear();
  if (failure) std::rethrow_exception(failure);
}

// The CPUs that this process may use.
int AllowedCpus();

}  // namespace bakeoff::data
