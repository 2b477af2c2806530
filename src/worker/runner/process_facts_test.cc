// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a worker says about its process.
#include "worker/runner/process_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdlib>

namespace bakeoff::worker {
namespace {

TEST(InstructionLevel, FollowsTheFlags) {
  const std::string v2 = "flags\t\t: fpu cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3";
  EXPECT_EQ(InstructionLevel("processor: 0\nflags\t\t: fpu\n"), "x86-64");
  EXPECT_EQ(InstructionLevel("processor: 0\n" + v2 + "\nnext: 1"), "x86-64-v2");
  const std::string v3 = v2 + " avx avx2 bmi1 bmi2 f16c fma abm movbe xsave";
  EXPECT_EQ(InstructionLevel("processor: 0\n" + v3), "x86-64-v3");
  EXPECT_EQ(
      InstructionLevel("processor: 0\n" + v3 + " avx512f avx512bw avx512cd avx512dq avx512vl avx512_bf16 amx_bf16"),
      "x86-64-v4 avx512_bf16 amx_bf16");
  EXPECT_EQ(InstructionLevel("processor: 0\nFeatures: fp asimd\n"), "");
}

TEST(PeakMemory, IsOfTheWindowOnly) {
  constexpr size_t kBytes = 64 << 20;
  if (!ResetPeakMemory() || !PeakMemoryBytes()) GTEST_SKIP() << "this kernel does not let a process reset its peak";
  const int64_t before = *PeakMemoryBytes();
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  EXPECT_GE(*PeakMemoryBytes(), before + static_cast<int64_t>(kBytes) - (4 << 20));
  munmap(memory, kBytes);
  ASSERT_TRUE(ResetPeakMemory());
  EXPECT_LT(*PeakMemoryBytes(), before + static_cast<int64_t>(kBytes) / 2);
}

TEST(ProcessFacts, TellTheEnvironmentThatMatters) {
  setenv("MALLOC_ARENA_MAX", "2", 1);
  const Json facts = ProcessFacts();
  unsetenv("MALLOC_ARENA_MAX");
  EXPECT_EQ(facts["environment"]["MALLOC_ARENA_MAX"], "2");
  EXPECT_FALSE(facts["environment"].contains("HOME"));
  EXPECT_EQ(facts["denormals"], "kept");
  EXPECT_FALSE(facts["cpus"].empty());
}

}  // namespace
}  // namespace bakeoff::worker
