// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Scratch folders and files go away with their owner, whichever way that ends, and nobody else's do.
#include "core/scratch.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;

// A process that makes a folder with files and folders in it, tells so, and then does `then`.
template <typename Then>
pid_t Owner(const fs::path& beside, const Then& then) {
  const pid_t child = fork();
  if (child == 0) {
    const ScratchFolder folder(beside, ".made");
    fs::create_directories(folder.path() / "a/b");
    std::ofstream(folder.path() / "a/b/file") << "x";
    for (int i = 0; i < 300; ++i) std::ofstream(folder.path() / ("many" + std::to_string(i))) << "x";
    std::ofstream(beside / "ready") << "x";
    then();
    _exit(3);
  }
  while (!fs::exists(beside / "ready")) usleep(1000);
  fs::remove(beside / "ready");
  return child;
}

int EndOf(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(ScratchFolder, GoesWithItsOwnerUnlessReleased) {
  const TestFolder root;
  {
    const ScratchFolder one(root.path(), ".made");
    ScratchFolder other(root.path(), ".made");
    std::ofstream(one.path() / "file") << "x";
    EXPECT_EQ(root.Entries(), 2u);
    fs::rename(other.path(), root / "result");
    other.Release();
  }
  EXPECT_EQ(root.Entries(), 1u);
  EXPECT_TRUE(fs::is_directory(root / "result"));
}

TEST(ScratchFolder, IsRemovedByTheHandlerOfASignal) {
  const TestFolder root;
  const pid_t child = Owner(root.path(), [] {
    signal(SIGTERM, [](int) {
      RemoveScratch();
      _exit(7);
    });
    for (;;) pause();
  });
  // The handler may not be there yet.
  usleep(50'000);
  EXPECT_EQ(root.Entries(), 1u);
  kill(child, SIGTERM);
  EXPECT_EQ(WEXITSTATUS(EndOf(child)), 7);
  EXPECT_EQ(root.Entries(), 0u);
}

TEST(ScratchFolder, OfAKilledProcessIsRemovedByTheNextAndThatOfALivingOneStays) {
  const TestFolder root;
  const auto wait = [] {
    for (;;) pause();
  };
  const pid_t killed = Owner(root.path(), wait);
  const pid_t living = Owner(root.path(), wait);
  kill(killed, SIGKILL);
  EndOf(killed);
  EXPECT_EQ(root.Entries(), 2u);
  fs::create_directories(root / ".made-17");  // without an owner
  fs::create_directories(root / ".madeup");   // of another name
  const ScratchFolder mine(root.path(), ".made");
  EXPECT_EQ(root.Entries(), 3u) << "the living one's, ours and .madeup";
  EXPECT_TRUE(fs::exists(root / ".madeup"));
  kill(living, SIGKILL);
  EndOf(living);
}

TEST(ScratchFile, GoesWithItsOwnerUnlessReleased) {
  const TestFolder root;
  {
    const ScratchFile never(root / "never");
    const ScratchFile one(root / "one");
    ScratchFile other(root / "other");
    std::ofstream(one.path()) << "x";
    std::ofstream(other.path()) << "x";
    fs::rename(other.path(), root / "result");
    other.Release();
    EXPECT_EQ(root.Entries(), 2u);
  }
  EXPECT_EQ(root.Entries(), 1u);
  EXPECT_TRUE(fs::is_regular_file(root / "result"));
}

TEST(ScratchFile, IsRemovedForAProcessThatASignalEnds) {
  const TestFolder root;
  const pid_t child = fork();
  if (child == 0) {
    ScratchFile done(root / "done");
    const ScratchFile half(root / "half"), not_yet(root / "not_yet");
    std::ofstream(done.path()) << "x";
    std::ofstream(half.path()) << "x";
    done.Release();
    RemoveScratch();
    _exit(7);
  }
  EXPECT_EQ(WEXITSTATUS(EndOf(child)), 7);
  EXPECT_TRUE(fs::exists(root / "done"));
  EXPECT_EQ(root.Entries(), 1u);
}

}  // namespace
}  // namespace bakeoff::core
