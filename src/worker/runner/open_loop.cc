// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Waiting and running.
#include "worker/runner/open_loop.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace bakeoff::worker {
namespace {

// Sleeping ends this much early. Timers of an idle virtual machine are late by up to about that much; a spin of 100 us
// per query is a tenth of a CPU at 1,000 queries per second.
constexpr int64_t kSpinNs = 100'000;
// Long sleeps are cut into these, to see a cancel.
constexpr int64_t kLongestSleepNs = 50'000'000;

void SleepUntil(int64_t when) {
  constexpr int64_t kSecond = 1'000'000'000;
  const timespec until{when / kSecond, when % kSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

void Relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

}  // namespace

int64_t WaitUntil(int64_t when, const std::atomic<int>& stop, const std::atomic<bool>& cancelled, int64_t& spun_ns) {
  const auto go_on = [&] {
    return stop.load(std::memory_order_relaxed) < 0 && !cancelled.load(std::memory_order_relaxed);
  };
  int64_t now = NowNs();
  while (when - now > kSpinNs && go_on()) {
    SleepUntil(std::min(when - kSpinNs, now + kLongestSleepNs));
    now = NowNs();
  }
  const int64_t begin = now;
  while (now < when && go_on()) {
    Relax();
    now = NowNs();
  }
  spun_ns += now - begin;
  return now;
}

int64_t OpenLoop::Run(FilledRequest& filled, bool refill, Counters& counters) {
  Request& request = filled.request();
  const auto count = static_cast<int64_t>(schedule_.size());
  const int64_t give_up = schedule_.back() + patience_ns_;
  int64_t end = NowNs();
  int64_t spun_ns = 0;
  while (stop_.load(std::memory_order_relaxed) < 0) {
    const int64_t number = claimed_.fetch_add(1, std::memory_order_relaxed);
    if (number >= count) break;
    const auto at = static_cast<size_t>(number);
    const int64_t free = end - begin_;
    if (refill) filled.Fill();
    const int64_t start = WaitUntil(begin_ + schedule_[at], stop_, cancelled_, spun_ns);
    if (cancelled_.load(std::memory_order_relaxed)) Stop(StopReason::kCancelled);
    if (stop_.load(std::memory_order_relaxed) >= 0) break;
    if (start - begin_ > give_up) {
      Stop(StopReason::kOverload);
      break;
    }
    request.Run();
    end = NowNs();
    queries_[at] = {free, start - begin_, end - begin_};
    finished_.fetch_add(1, std::memory_order_relaxed);
  }
  counters.spun_ns = spun_ns;
  return end;
}

}  // namespace bakeoff::worker
