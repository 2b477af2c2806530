// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The loop itself, twice: with one clock read per run and with two.
#include "worker/runner/timed_loop.h"

#include <algorithm>
#include <array>

namespace bakeoff::worker {
namespace {

class EmptyRequest final : public Request {
 public:
  Tensors Inputs() override { return {}; }
  void Run() override {}
  Tensors Outputs() override { return {}; }
};

// Saturates: a duration of "no limit" must not wrap.
int64_t Deadline(int64_t start, int64_t duration) {
  return duration > kNoLimit - start ? kNoLimit : start + duration;
}

}  // namespace

std::string_view StopReasonName(StopReason reason) {
  constexpr std::array<std::string_view, 5> kNames{"count", "duration", "max_samples", "cancelled", "overload"};
  return kNames[static_cast<size_t>(reason)];
}

LoopResult TimedLoop(Request& request, LoopLimits limits, std::span<int64_t> samples, LoopControl& control) {
  const auto room = static_cast<int64_t>(samples.size());
  const int64_t most = limits.count < room ? limits.count : room;
  LoopResult result{limits.count <= room ? StopReason::kCount : StopReason::kMaxSamples, 0, 0};
  if (most <= 0) return result;
  int64_t runs = 0;
  const int64_t begin = NowNs();
  const int64_t deadline = Deadline(begin, limits.duration_ns);
  int64_t start = begin;
  while (true) {
    request.Run();
    const int64_t end = NowNs();
    samples[static_cast<size_t>(runs)] = end - start;
    start = end;
    ++runs;
    control.runs.store(runs, std::memory_order_relaxed);
    if (runs == most) break;
    if (end >= deadline && runs >= limits.least) {
      result.reason = StopReason::kDuration;
      break;
    }
    if (control.cancelled->load(std::memory_order_relaxed)) {
      result.reason = StopReason::kCancelled;
      break;
    }
  }
  result.runs = runs;
  result.wall_ns = start - begin;
  return result;
}

LoopResult TimedLoopBetween(Request& request, void (*between)(void*), void* context, LoopLimits limits,
                            std::span<int64_t> samples, LoopControl& control) {
  const auto room = static_cast<int64_t>(samples.size());
  const int64_t most = limits.count < room ? limits.count : room;
  LoopResult result{limits.count <= room ? StopReason::kCount : StopReason::kMaxSamples, 0, 0};
  if (most <= 0) return result;
  int64_t runs = 0;
  const int64_t begin = NowNs();
  const int64_t deadline = Deadline(begin, limits.duration_ns);
  int64_t end = begin;
  while (true) {
    between(context);
    const int64_t start = NowNs();
    request.Run();
    end = NowNs();
    samples[static_cast<size_t>(runs)] = end - start;
    ++runs;
    control.runs.store(runs, std::memory_order_relaxed);
    if (runs == most) break;
    if (end >= deadline && runs >= limits.least) {
      result.reason = StopReason::kDuration;
      break;
    }
    if (control.cancelled->load(std::memory_order_relaxed)) {
      result.reason = StopReason::kCancelled;
      break;
    }
  }
  result.runs = runs;
  result.wall_ns = end - begin;
  return result;
}

int64_t MeasureLoopOverhead() {
  std::array<int64_t, 512> samples{};
  EmptyRequest empty;
  // Through a volatile pointer: the compiler must not see that this Run() is empty and leave the call out.
  Request* volatile opaque = &empty;
  Request& request = *opaque;
  const std::atomic<bool> never{false};
  LoopControl control;
  control.cancelled = &never;
  // The best of a few: what the loop costs, without what the machine was doing beside it.
  int64_t best = kNoLimit;
  for (int i = 0; i < 16; ++i) {
    const LoopResult result = TimedLoop(request, {}, samples, control);
    best = std::min(best, result.wall_ns / result.runs);
  }
  return best;
}

}  // namespace bakeoff::worker
