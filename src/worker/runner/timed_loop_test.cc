// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The timed loop: stops where it should, adds up, and does nothing but run and read the clock.
#include "worker/runner/timed_loop.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <numeric>
#include <vector>

#include "worker/runner/allocations.h"

#ifdef BAKEOFF_WITHOUT_SANITIZERS
namespace {

// Per thread, so that what the test framework's other threads do is not counted.
thread_local int64_t g_allocations = 0;

void* Allocate(std::size_t bytes) {
  ++g_allocations;
  if (void* memory = std::malloc(bytes ? bytes : 1)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) {
  return Allocate(bytes);
}
void* operator new[](std::size_t bytes) {
  return Allocate(bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace bakeoff::worker {

#ifdef BAKEOFF_WITHOUT_SANITIZERS
int64_t Allocations() {
  return g_allocations;
}
#endif

namespace {

class CountingRequest : public Request {
 public:
  Tensors Inputs() override { return {}; }
  Tensors Outputs() override { return {}; }
  void Run() override {
    ++runs;
    if (runs == cancel_at) cancelled.store(true);
    for (const int64_t end = NowNs() + busy_ns; busy_ns > 0 && NowNs() < end;) {
    }
  }
  int64_t runs = 0;
  int64_t cancel_at = 0;
  int64_t busy_ns = 0;
  std::atomic<bool> cancelled{false};
};

struct Fixture {
  explicit Fixture(size_t size) : samples(size, -1) { control.cancelled = &request.cancelled; }
  LoopResult Run(LoopLimits limits) { return TimedLoop(request, limits, samples, control); }
  CountingRequest request;
  std::vector<int64_t> samples;
  LoopControl control;
};

TEST(TimedLoop, StopsAtTheCount) {
  Fixture loop(100);
  const LoopResult result = loop.Run({.count = 42});
  EXPECT_EQ(result.reason, StopReason::kCount);
  EXPECT_EQ(result.runs, 42);
  EXPECT_EQ(loop.request.runs, 42);
  EXPECT_EQ(loop.control.runs, 42);
  EXPECT_EQ(loop.samples[42], -1);
}

TEST(TimedLoop, StopsWhenTheBufferIsFull) {
  Fixture loop(10);
  const LoopResult result = loop.Run({.count = 11});
  EXPECT_EQ(result.reason, StopReason::kMaxSamples);
  EXPECT_EQ(result.runs, 10);
}

TEST(TimedLoop, CountThatJustFillsTheBufferIsACount) {
  Fixture loop(10);
  EXPECT_EQ(loop.Run({.count = 10}).reason, StopReason::kCount);
}

TEST(TimedLoop, StopsAfterTheDurationAndFinishesTheRun) {
  Fixture loop(100'000);
  loop.request.busy_ns = 1'000'000;
  const LoopResult result = loop.Run({.duration_ns = 5'500'000});
  EXPECT_EQ(result.reason, StopReason::kDuration);
  EXPECT_GE(result.wall_ns, 5'500'000);
  // No more than six runs fit; fewer where the machine was busy.
  EXPECT_LE(result.runs, 6);
  EXPECT_GE(result.runs, 1);
}

TEST(TimedLoop, TheLeastNumberOutlivesTheDuration) {
  Fixture loop(1000);
  loop.request.busy_ns = 100'000;
  EXPECT_EQ(loop.Run({.duration_ns = 1, .least = 30}).runs, 30);
  EXPECT_EQ(loop.Run({.count = 7, .duration_ns = 1, .least = 30}).runs, 7);
}

TEST(TimedLoop, StopsAtACancel) {
  Fixture loop(100);
  loop.request.cancel_at = 7;
  const LoopResult result = loop.Run({});
  EXPECT_EQ(result.reason, StopReason::kCancelled);
  EXPECT_EQ(result.runs, 7);
}

TEST(TimedLoop, SamplesAddUpToTheWallTime) {
  Fixture loop(1000);
  const LoopResult result = loop.Run({.count = 1000});
  EXPECT_EQ(std::accumulate(loop.samples.begin(), loop.samples.end(), int64_t{0}), result.wall_ns);
}

TEST(TimedLoopBetween, DoesNotTimeWhatLiesBetween) {
  Fixture loop(5);
  const auto slow = [](void*) {
    for (const int64_t end = NowNs() + 2'000'000; NowNs() < end;) {
    }
  };
  const LoopResult result = TimedLoopBetween(loop.request, slow, nullptr, {}, loop.samples, loop.control);
  EXPECT_EQ(result.runs, 5);
  EXPECT_GE(result.wall_ns, 5 * 2'000'000);
  // The best of five: a preempted sample may be anything.
  EXPECT_LT(*std::min_element(loop.samples.begin(), loop.samples.end()), 1'000'000);
}

#ifdef BAKEOFF_WITHOUT_SANITIZERS
TEST(TimedLoop, AllocatesNothing) {
  Fixture loop(10'000);
  const int64_t before = g_allocations;
  const LoopResult result = loop.Run({.count = 10'000, .duration_ns = 60'000'000'000});
  EXPECT_EQ(g_allocations - before, 0);
  EXPECT_EQ(result.runs, 10'000);
  delete new int;  // the premise: allocations are counted
  EXPECT_EQ(g_allocations - before, 1);
}
#endif

#ifdef BAKEOFF_WITHOUT_SANITIZERS
// The kernel kills the child at any system call but exit. (Strict mode would also forbid reading the time-stamp
// counter, which is how the clock works without a system call.) Returns how the child ended.
template <typename Function>
int StatusOfChildWithoutSystemCalls(Function function) {
  const pid_t child = fork();
  if (child == 0) {
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const sock_fprog program{sizeof(rules) / sizeof(rules[0]), rules};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(99);
    function();
    syscall(SYS_exit, 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(TimedLoop, MakesNoSystemCall) {
  const int clock = StatusOfChildWithoutSystemCalls([] { (void)NowNs(); });
  if (WIFEXITED(clock) && WEXITSTATUS(clock) == 99) GTEST_SKIP() << "this kernel has no seccomp filters";
  if (WIFSIGNALED(clock)) GTEST_SKIP() << "on this machine reading the clock is itself a system call";
  Fixture loop(10'000);
  const int status =
      StatusOfChildWithoutSystemCalls([&] { loop.Run({.count = 10'000, .duration_ns = 60'000'000'000}); });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  // The premise: a system call would have been seen.
  EXPECT_TRUE(WIFSIGNALED(StatusOfChildWithoutSystemCalls([] { (void)getppid(); })));
}
#endif

TEST(MeasureLoopOverhead, IsSmallButNotNothing) {
  const int64_t overhead = MeasureLoopOverhead();
  EXPECT_GT(overhead, 0);
  // Sanitizers and slow clocks included; a system call or an allocation per run in an optimised build would be near
  // this.
  EXPECT_LT(overhead, 20'000);
}

}  // namespace
}  // namespace bakeoff::worker
