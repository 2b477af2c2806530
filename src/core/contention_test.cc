// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Stolen and throttled time from recorded trees of /proc and of both versions of control groups.
#include "core/contention.h"

#include <gtest/gtest.h>

#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

TEST(Contention, CountsTheTicksOfTheChosenCpus) {
  const TestFolder root;
  root.Write(
      "proc/stat",
      "cpu  100 20 30 400 5 6 7 32 9 9\ncpu0 50 10 15 200 2 3 4 16 5 5\ncpu1 40 10 15 100 3 3 3 6 4 4\ncpu10 10 0 "
      "0 100 0 0 0 10 0 0\nintr 12345 6\n");
  const Contention one = ReadContention({1}, root.path());
  EXPECT_EQ(one.ticks, 180);
  EXPECT_EQ(one.stolen, 6);
  EXPECT_EQ(ReadContention({0, 1}, root.path()).stolen, 22);
  const Contention all = ReadContention({}, root.path());
  EXPECT_EQ(all.ticks, 600);
  EXPECT_EQ(all.stolen, 32);
  EXPECT_FALSE(one.throttled_ns || one.throttled_periods);
}

TEST(Contention, AQuotaOfAGroupAboveThrottlesAsWell) {
  const TestFolder root;
  root.Write("proc/self/cgroup", "0::/pod/container\n");
  root.Write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
  root.Write("sys/fs/cgroup/pod/cpu.stat", "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 1200\n");
  root.Write("sys/fs/cgroup/pod/container/cpu.stat",
             "usage_usec 5\nnr_periods 9\nnr_throttled 1\nthrottled_usec 300\n");
  const Contention before = ReadContention({}, root.path());
  EXPECT_EQ(before.throttled_periods, 4);
  EXPECT_EQ(before.throttled_ns, 1'500'000);
  root.Write("sys/fs/cgroup/pod/cpu.stat", "usage_usec 5\nnr_periods 9\nnr_throttled 5\nthrottled_usec 1700\n");
  const Contention between = Between(before, ReadContention({}, root.path()));
  EXPECT_EQ(between.throttled_periods, 2);
  EXPECT_EQ(between.throttled_ns, 500'000);
  EXPECT_FALSE(between.ticks);
}

TEST(Contention, ReadsVersionOne) {
  const TestFolder root;
  root.Write("proc/self/cgroup", "4:cpu,cpuacct:/docker/1\n");
  root.Write("sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.stat", "nr_periods 8\nnr_throttled 7\nthrottled_time 99\n");
  EXPECT_EQ(ReadContention({}, root.path()).throttled_ns, 99);
}

TEST(Contention, WhatIsNotToldIsNotZero) {
  const TestFolder root;
  const Contention none = ReadContention({0}, root.path());
  EXPECT_FALSE(none.ticks || none.stolen || none.throttled_ns || none.throttled_periods);
  // A kernel from before steal was counted.
  root.Write("proc/stat", "cpu 1 2 3 4\n");
  EXPECT_FALSE(ReadContention({}, root.path()).stolen);
  EXPECT_FALSE(Between(none, {.ticks = 1, .stolen = 1, .throttled_ns = {}, .throttled_periods = {}}).stolen);
}

}  // namespace
}  // namespace bakeoff::core
