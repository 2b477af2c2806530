// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The team's rounds, between two gates.
#include "worker/runner/team.h"

#include <pthread.h>

#include <algorithm>

#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {

Team::Team(size_t size, std::function<void()> stop)
    : stop_(std::move(stop)), gate_(static_cast<std::ptrdiff_t>(size)), spans_(size) {
  for (size_t i = 1; i < size; ++i)
    threads_.emplace_back([this, i] {
      pthread_setname_np(pthread_self(), "request");  // in lists of threads
      Follow(i);
    });
}

Team::~Team() {
  ending_ = true;
  gate_.arrive_and_wait();
  for (std::thread& thread : threads_) thread.join();
}

int64_t Team::Run(const Work& work) {
  work_ = &work;
  gate_.arrive_and_wait();
  RunOne(0);
  gate_.arrive_and_wait();
  if (failure_) std::rethrow_exception(failure_);
  Span all = spans_[0];
  for (const Span& span : spans_) all = {std::min(all.begin, span.begin), std::max(all.end, span.end)};
  return all.end - all.begin;
}

void Team::Follow(size_t index) {
  while (true) {
    gate_.arrive_and_wait();
    if (ending_) return;
    RunOne(index);
    gate_.arrive_and_wait();
  }
}

void Team::RunOne(size_t index) {
  try {
    const int64_t begin = NowNs();
    spans_[index] = {begin, (*work_)(index, begin)};
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    stop_();
  }
}

}  // namespace bakeoff::worker
