// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The innermost loop of every closed-loop scenario: nothing in it but Run(), one clock read and bookkeeping.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>
#include <limits>
#include <span>
#include <string_view>

#include "bakeoff/engine.h"

namespace bakeoff::worker {

// kOverload: an open loop fell so far behind that it was given up.
enum class StopReason { kCount, kDuration, kMaxSamples, kCancelled, kOverload };
std::string_view StopReasonName(StopReason reason);

inline constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

struct LoopLimits {
  int64_t count = kNoLimit;
  int64_t duration_ns = kNoLimit;
  int64_t least = 0;  // runs that are made even when the duration is over
};

// What other threads share with the loop. Alone on its cache line, so that a reader disturbs nothing else.
struct alignas(64) LoopControl {
  std::atomic<int64_t> runs{0};                  // written by the loop, read by the progress thread
  const std::atomic<bool>* cancelled = nullptr;  // read by the loop
};

struct LoopResult {
  StopReason reason = StopReason::kCount;
  int64_t runs = 0;
  int64_t wall_ns = 0;
};

// CLOCK_MONOTONIC through the vDSO: no system call where the kernel's clock source allows it.
inline int64_t NowNs() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

// Runs until a limit, a full `samples`, or a cancel; the run that is going on then is finished and counted. At least
// one run where limits and samples allow one. Allocates nothing, takes no lock, makes no system call but the clock.
//
// One clock read per run: the end of run n is the start of run n+1. That is right here because nothing but the
// bookkeeping (one store of a sample, one relaxed store, three compares: about 3 ns) lies between them; the sum of the
// samples is the wall time, and a stall between two runs is charged to a sample and cannot hide. Where something does
// lie between two runs, filling inputs for example, TimedLoopBetween() reads the clock twice.
LoopResult TimedLoop(Request& request, LoopLimits limits, std::span<int64_t> samples, LoopControl& control);

// As TimedLoop(), with `between` called before each run and not timed (engines that consume their inputs).
LoopResult TimedLoopBetween(Request& request, void (*between)(void*), void* context, LoopLimits limits,
                            std::span<int64_t> samples, LoopControl& control);

// What TimedLoop() adds to each inference, in nanoseconds: the same loop around a Run() that is empty.
int64_t MeasureLoopOverhead();

}  // namespace bakeoff::worker
