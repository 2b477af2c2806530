// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Memory from recorded files of /proc and of this process, and its events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <fstream>
#include <map>

#include "bakeoff/meter.h"

namespace bakeoff {
namespace {

namespace fs = std::filesystem;

TEST(MemoryUse, IsReadFromTheRollup) {
  const fs::path root = fs::temp_directory_path() / ("bakeoff-rollup-" + std::to_string(getpid()));
  fs::create_directories(root / "proc/self");
  // As Linux 6 writes it, shortened.
  std::ofstream(root / "proc/self/smaps_rollup")
      << "55d0c0000000-7ffd2a5f2000 ---p 00000000 00:00 0                          [rollup]\n"
         "Rss:              124000 kB\nPss:               90500 kB\nPss_Dirty:          1000 kB\nPss_Anon:          "
         "60000 kB\n"
         "Pss_File:          30000 kB\nPss_Shmem:           500 kB\nShared_Clean:      60000 kB\nPrivate_Clean:      "
         "4000 kB\n"
         "Private_Dirty:     60000 kB\nSwap:                  0 kB\n";
  const auto use = ReadMemoryUse(root);
  fs::remove_all(root);
  ASSERT_TRUE(use);
  EXPECT_EQ(use->pss_bytes, 90'500 * 1024);
  EXPECT_EQ(use->uss_bytes, 64'000 * 1024);
  EXPECT_EQ(use->pss_anon_bytes, 60'000 * 1024);
  EXPECT_EQ(use->pss_file_bytes, 30'000 * 1024);
  EXPECT_EQ(use->pss_shmem_bytes, 500 * 1024);
  EXPECT_FALSE(ReadMemoryUse(root));
}

TEST(MemoryUse, SeesWhatThisProcessAllocates) {
  const auto before = ReadMemoryUse();
  if (!before) GTEST_SKIP() << "this kernel has no smaps_rollup";
  constexpr size_t kBytes = size_t{32} << 20;
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::memset(memory, 1, kBytes);
  const auto after = ReadMemoryUse();
  munmap(memory, kBytes);
  EXPECT_NEAR(static_cast<double>(after->pss_bytes - before->pss_bytes), static_cast<double>(kBytes), 2 << 20);
  EXPECT_NEAR(static_cast<double>(after->uss_bytes - before->uss_bytes), static_cast<double>(kBytes), 2 << 20);
}

TEST(ThreadUse, IsReadFromARecordedTree) {
  const fs::path root = fs::temp_directory_path() / ("bakeoff-threads-" + std::to_string(getpid()));
  const auto record = [&](const char* id, const char* comm, const std::string& stat) {
    fs::create_directories(root / "proc/self/task" / id);
    std::ofstream(root / "proc/self/task" / id / "comm") << comm << "\n";
    std::ofstream(root / "proc/self/task" / id / "stat") << stat << "\n";
  };
  // As Linux 6 writes them: ticks of user and system time are the 14th and 15th field.
  const std::string rest = " 20 0 4 0 8812 2351292416 40211 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0";
  record("8812", "bakeoff-engine-",
         "8812 (bakeoff-engine-) R 8810 8812 8810 0 -1 4194304 9011 0 3 0 250 31 0 0" + rest);
  record("8813", "pool (1) a b", "8813 (pool (1) a b) S 8810 8812 8810 0 -1 4194368 12 0 0 0 1999 1 0 0" + rest);
  record("8814", "cut", "8814 (cut) S 8810 8812");  // ended while it was read
  fs::create_directories(root / "proc/self/task/8815");
  const auto threads = ReadThreadUse(root);
  fs::remove_all(root);
  std::map<std::string, int64_t> times;
  for (const ThreadUse& thread : threads) times[thread.name] = thread.time_ns;
  const int64_t tick_ns = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  EXPECT_EQ(times,
            (std::map<std::string, int64_t>{{"bakeoff-engine-", 281 * tick_ns}, {"pool (1) a b", 2000 * tick_ns}}));
  EXPECT_TRUE(ReadThreadUse(root).empty());
}

TEST(ThreadUse, SeesThisThread) {
  const auto mine = [] {
    for (const ThreadUse& thread : ReadThreadUse()) {
      if (thread.id == gettid()) return thread;
    }
    return ThreadUse{};
  };
  const ThreadUse before = mine();
  timespec begin{}, now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  do {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  } while ((now.tv_sec - begin.tv_sec) * 1'000'000'000LL + now.tv_nsec - begin.tv_nsec < 5'000'000);
  EXPECT_EQ(before.id, gettid());
  EXPECT_FALSE(before.name.empty());
  EXPECT_GE(mine().time_ns - before.time_ns, 5'000'000);
}

TEST(CpuEvents, CountsWhatHappens) {
  const auto meter = MakeCpuEvents();
  meter->Start();
  constexpr size_t kPages = 100;
  void* memory = mmap(nullptr, kPages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  madvise(memory, kPages * 4096, MADV_NOHUGEPAGE);
  std::memset(memory, 1, kPages * 4096);
  for (int i = 0; i < 5; ++i) usleep(1000);
  meter->Stop();
  munmap(memory, kPages * 4096);
  std::map<std::string, Reading> readings;
  for (const Reading& reading : meter->Readings()) readings[reading.name] = reading;
  EXPECT_GE(*readings.at("minor_faults").value, static_cast<double>(kPages));
  EXPECT_GE(*readings.at("voluntary_switches").value, 5);
  for (const char* name : {"instructions", "cycles"}) {
    const Reading& reading = readings.at(name);
    if (reading.value) {
      EXPECT_GT(*reading.value, 1000) << name;
    } else {
      EXPECT_THAT(reading.reason, ::testing::StartsWith("unavailable, because perf_event_open()"));
    }
  }
}

}  // namespace
}  // namespace bakeoff
