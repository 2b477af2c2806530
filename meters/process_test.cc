// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Memory from recorded files of /proc and of this process, and its events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>
#include <vector>

#include "bakeoff/meter.h"
#include "perf_events.h"

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
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "each page has shadow pages, which count as well";
#endif
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

// A file as a performance counter is read: value, time enabled, time running.
class Counters : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const int fd : descriptors_) close(fd);
  }
  void Add(std::initializer_list<uint64_t> told) {
    const int fd = memfd_create("counter", MFD_CLOEXEC);
    ASSERT_GE(fd, 0);
    const std::vector<uint64_t> bytes(told);
    const auto size = static_cast<ssize_t>(bytes.size() * sizeof(uint64_t));
    ASSERT_EQ(pwrite(fd, bytes.data(), static_cast<size_t>(size), 0), size);
    descriptors_.push_back(fd);
  }
  std::optional<double> Sum() { return meters::SumOfCounters(descriptors_, reason_); }

  std::vector<int> descriptors_;
  std::string reason_;
};

TEST_F(Counters, AreAddedUpEachForItsWholeTime) {
  Add({1000, 20, 20});
  Add({300, 40, 10});
  Add({0, 0, 0});  // a thread that slept
  EXPECT_EQ(Sum(), 1000 + 1200);
  EXPECT_EQ(reason_, "");
}

TEST_F(Counters, OneThatDidNotCountIsNoZero) {
  Add({1000, 20, 20});
  Add({0, 30, 0});
  EXPECT_EQ(Sum(), std::nullopt);
  EXPECT_EQ(reason_, "the processor's counters were busy with other events");
}

TEST_F(Counters, NoneThatRanIsNoZero) {
  Add({0, 0, 0});
  EXPECT_EQ(Sum(), std::nullopt);
  EXPECT_EQ(reason_, "no performance counter ran");
  reason_.clear();
  EXPECT_EQ(meters::SumOfCounters({}, reason_), std::nullopt);
  EXPECT_EQ(reason_, "no performance counter ran");
}

TEST_F(Counters, OneThatCannotBeReadIsNoZero) {
  Add({1000, 20, 20});
  Add({5, 5});
  EXPECT_EQ(Sum(), std::nullopt);
  EXPECT_THAT(reason_, ::testing::HasSubstr("cannot be read: it says nothing"));
  const int none = -1;
  EXPECT_EQ(meters::SumOfCounters({&none, 1}, reason_), std::nullopt);
  EXPECT_THAT(reason_, ::testing::HasSubstr(std::strerror(EBADF)));
}

}  // namespace
}  // namespace bakeoff
