// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// CPU budgets: how many are picked, always among the allowed, and that the mask takes effect.
#include "core/cpus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace bakeoff::core {
namespace {

TEST(Cpus, PickTakesTheNumberAskedForAmongTheAllowed) {
  // Numbers of CPUs that no machine has: each is its own core then.
  const std::vector<int> allowed = {7001, 7002, 7005, 7009};
  EXPECT_EQ(PickCpus(allowed, 2), (std::vector<int>{7001, 7002}));
  EXPECT_EQ(PickCpus(allowed, 4), allowed);
  EXPECT_EQ(PickCpus(allowed, 99), allowed);
  EXPECT_EQ(PickCpus(allowed, 0).size(), 1u);
}

TEST(Cpus, PickOnThisMachineIsASubsetAndRepeats) {
  const std::vector<int> allowed = AllowedCpus();
  ASSERT_FALSE(allowed.empty());
  for (int count = 1; count <= static_cast<int>(std::min<size_t>(allowed.size(), 16)); ++count) {
    const std::vector<int> picked = PickCpus(allowed, count);
    EXPECT_EQ(picked.size(), static_cast<size_t>(count));
    EXPECT_TRUE(std::includes(allowed.begin(), allowed.end(), picked.begin(), picked.end()));
    EXPECT_EQ(picked, PickCpus(allowed, count));
  }
}

TEST(Cpus, SetRestrictsTheCallingThread) {
  std::thread([] {
    const std::vector<int> one = PickCpus(AllowedCpus(), 1);
    SetCpus(one);
    EXPECT_EQ(AllowedCpus(), one);
  }).join();
}

}  // namespace
}  // namespace bakeoff::core
