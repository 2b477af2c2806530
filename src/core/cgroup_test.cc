// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Quotas from recorded trees of both versions of control groups.
#include "core/cgroup.h"

#include <gtest/gtest.h>

#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

class CgroupTest : public testing::Test {
 protected:
  const TestFolder root_;
};

TEST_F(CgroupTest, TakesTheTightestLimitOnTheWayUp) {
  root_.Write("proc/self/cgroup", "0::/a/b\n");
  root_.Write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
  root_.Write("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  root_.Write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  root_.Write("sys/fs/cgroup/a/b/cpu.stat", "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 1200\n");
  const CpuQuota quota = ReadCpuQuota(root_.path());
  EXPECT_EQ(quota.version, 2);
  EXPECT_EQ(quota.cpus, 1.5);
  EXPECT_EQ(quota.throttled_periods, 3);
  EXPECT_EQ(quota.throttled_ns, 1'200'000);
  EXPECT_EQ(DefaultThreads(quota, 8), 1);
}

TEST_F(CgroupTest, ReadsVersionOne) {
  root_.Write("proc/self/cgroup", "12:memory:/x\n4:cpu,cpuacct:/docker/1\n");
  root_.Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "400000\n");
  root_.Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  root_.Write("sys/fs/cgroup/cpu,cpuacct/cpu.stat", "nr_throttled 7\nthrottled_time 99\n");
  const CpuQuota quota = ReadCpuQuota(root_.path());
  EXPECT_EQ(quota.version, 1);
  EXPECT_EQ(quota.cpus, 4);
  EXPECT_EQ(quota.throttled_ns, 99);
  EXPECT_EQ(DefaultThreads(quota, 8), 4);
  EXPECT_EQ(DefaultThreads(quota, 2), 2);
}

TEST_F(CgroupTest, NoLimitIsNone) {
  root_.Write("proc/self/cgroup", "4:cpu:/\n");
  root_.Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  root_.Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_FALSE(ReadCpuQuota(root_.path()).cpus);
  EXPECT_EQ(DefaultThreads({}, 3), 3);
  EXPECT_EQ(ReadCpuQuota(root_ / "nowhere").version, 0);
}

}  // namespace
}  // namespace bakeoff::core
