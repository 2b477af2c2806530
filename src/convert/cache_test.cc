// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Entries are whole or absent: after damage, failures, kills, and with several processes at once.
#include "convert/cache.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/test_folder.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMuch = uint64_t{1} << 40;

class CacheTest : public ::testing::Test {
 protected:
  static void Write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  Cache::Entry Get(const std::string& source, uint64_t most = kMuch) {
    return Cache(root_.path(), most).Get({{"source", source}}, [&](const fs::path& folder) {
      ++made_;
      Write(folder / "model.x", "made of " + source);
    });
  }
  // Finished entries, and everything else but locks.
  std::pair<int, int> Count() const {
    std::pair<int, int> count;
    for (const auto& each : fs::directory_iterator(root_.path())) {
      const std::string name = each.path().filename();
      if (name.ends_with(".lock")) continue;
      ++(name.size() == 64 ? count.first : count.second);
    }
    return count;
  }

  const core::TestFolder root_;
  int made_ = 0;
};

TEST_F(CacheTest, MakesOnceAndFindsAgain) {
  const auto first = Get("a");
  EXPECT_TRUE(first.made);
  const auto second = Get("a");
  EXPECT_FALSE(second.made);
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(core::ReadFile(second.folder / "model.x"), "made of a");
  EXPECT_NE(Get("b").folder, first.folder);
  EXPECT_EQ(made_, 2);
}

TEST_F(CacheTest, DamageIsSeenAndMadeAnew) {
  for (const char* name : {"model.x", "entry.json"}) {
    const fs::path file = Get("a").folder / name;
    std::string text = core::ReadFile(file);
    const size_t middle = text.size() / 2;
    text[middle] = text[middle] == 'x' ? 'y' : 'x';
    Write(file, text);
    made_ = 0;
    EXPECT_EQ(core::ReadFile(Get("a").folder / "model.x"), "made of a");
    EXPECT_EQ(made_, 1) << name;
    EXPECT_EQ(Count(), std::pair(1, 0));
  }
  fs::remove(Get("a").folder / "model.x");
  made_ = 0;
  Get("a");
  EXPECT_EQ(made_, 1);
}

TEST_F(CacheTest, AFailedMakerLeavesNothing) {
  const Json parts = {{"source", "a"}};
  EXPECT_THROW(Cache(root_.path(), kMuch)
                   .Get(parts,
                        [](const fs::path& folder) {
                          Write(folder / "model.x", "half");
                          throw Error(ErrorCode::kMismatch, "wrong answers");
                        }),
               Error);
  EXPECT_EQ(Count(), std::pair(0, 0));
  EXPECT_TRUE(Get("a").made);
}

TEST_F(CacheTest, AKilledMakerLeavesNothingThatIsFound) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Cache(root_.path(), kMuch).Get({{"source", "a"}}, [](const fs::path& folder) {
      Write(folder / "model.x", "half");
      raise(SIGKILL);
    });
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(Count(), std::pair(0, 1));  // the premise: it was in the middle
  EXPECT_EQ(core::ReadFile(Get("a").folder / "model.x"), "made of a");
  EXPECT_EQ(Count(), std::pair(1, 0));
}

TEST_F(CacheTest, SeveralProcessesMakeItOnce) {
  constexpr int kProcesses = 4;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(fork());
    ASSERT_GE(children.back(), 0);
    if (children.back() != 0) continue;
    const auto entry = Cache(root_.path(), kMuch).Get({{"source", "a"}}, [](const fs::path& folder) {
      usleep(200'000);
      Write(folder / "model.x", "made of a");
    });
    _exit(core::ReadFile(entry.folder / "model.x") != "made of a" ? 2 : entry.made ? 1 : 0);
  }
  int makers = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_LT(WEXITSTATUS(status), 2);
    makers += WEXITSTATUS(status);
  }
  EXPECT_EQ(makers, 1);
}

TEST_F(CacheTest, TheOldestGoesUnlessItIsInUse) {
  auto first = Get("a");
  usleep(20'000);
  {
    const auto second = Get("b");
  }
  usleep(20'000);
  {
    const auto third = Get("c", 1);
  }  // "a" is held, "b" goes, what was just made stays
  EXPECT_TRUE(fs::exists(first.folder));
  EXPECT_EQ(Count(), std::pair(2, 0));
  made_ = 0;
  Get("c");
  Get("a");
  EXPECT_EQ(made_, 0);
  Get("b");
  EXPECT_EQ(made_, 1);
}

}  // namespace
}  // namespace bakeoff::convert
