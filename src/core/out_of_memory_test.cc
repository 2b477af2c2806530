// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The kernel's counter, from recorded trees.
#include "core/out_of_memory.h"

#include <gtest/gtest.h>

#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

TEST(OutOfMemory, ReadsTheCounterAmongOthers) {
  const TestFolder root;
  root.Write("proc/vmstat", "nr_free_pages 123\noom_kill_disable 8\noom_kill 2\nnr_unstable 0\n");
  EXPECT_EQ(OutOfMemoryKills(root.path()), 2);
}

TEST(OutOfMemory, AKernelThatDoesNotTellIsNoZero) {
  const TestFolder root;
  EXPECT_EQ(OutOfMemoryKills(root.path()), std::nullopt);
  root.Write("proc/vmstat", "nr_free_pages 123\n");
  EXPECT_EQ(OutOfMemoryKills(root.path()), std::nullopt);
}

}  // namespace
}  // namespace bakeoff::core
