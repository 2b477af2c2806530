// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Whole files: what is read back, what survives a failed write, what stays a link.
#include "core/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "bakeoff/error.h"
#include "core/test_error.h"
#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  const TestFolder root_;
};

TEST_F(Files, ReadWhatWasWritten) {
  const std::string content(300'000, 'x');
  WriteFileAtomically(root_ / "a", content);
  EXPECT_EQ(ReadFile(root_ / "a"), content);
  EXPECT_EQ(ReadStart(root_ / "a", 5), "xxxxx");
  WriteFileAtomically(root_ / "a", "one", "two");
  EXPECT_EQ(ReadFile(root_ / "a"), "onetwo");
  WriteFileAtomically(root_ / "a", "");
  EXPECT_EQ(ReadFile(root_ / "a"), "");
  EXPECT_EQ(root_.Entries(), 1u);
}

TEST_F(Files, KeepModeAndLink) {
  WriteFileAtomically(root_ / "target", "one");
  chmod((root_ / "target").c_str(), 0640);
  fs::create_symlink("target", root_ / "link");
  WriteFileAtomically(root_ / "link", "two");
  EXPECT_TRUE(fs::is_symlink(root_ / "link"));
  EXPECT_EQ(ReadFile(root_ / "target"), "two");
  struct stat status{};
  stat((root_ / "target").c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(Files, TooLargeAbsentAndFoldersFail) {
  WriteFileAtomically(root_ / "a", "12345");
  EXPECT_EQ(Catch([&] { ReadFile(root_ / "a", 4); }).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(ReadFile(root_ / "a", 5), "12345");
  EXPECT_EQ(Catch([&] { ReadFile(root_ / "b"); }).code(), ErrorCode::kNotFound);
  EXPECT_EQ(Catch([&] { ReadFile(root_.path()); }).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Catch([&] { WriteFileAtomically(root_.path(), "x"); }).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Catch([&] { WriteFileAtomically(root_ / "no" / "x", "x"); }).code(), ErrorCode::kNotFound);
}

TEST_F(Files, AFullDiskFailsNamingTheFile) {
  const Error error = Catch([] { WriteFileAtomically("/dev/full", "x"); });
  EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  EXPECT_EQ(error.text(),
            "/dev/full: cannot write: No space left on device; free some space there or name another place");
}

TEST_F(Files, AFailedRenameLeavesNothing) {
  // A folder appears under the name between the check and the rename when the name is one that rename() refuses.
  fs::create_directory(root_ / "taken");
  EXPECT_EQ(Catch([&] { WriteFileAtomically(root_ / "taken", "x"); }).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(root_.Entries(), 1u);
}

TEST_F(Files, CacheFolderFollowsTheEnvironment) {
  setenv("BAKEOFF_CACHE", "/somewhere", 1);
  EXPECT_EQ(CacheFolder("describe"), "/somewhere/describe");
  unsetenv("BAKEOFF_CACHE");
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(CacheFolder("describe"), "/home/me/.cache/bakeoff/describe");
}

}  // namespace
}  // namespace bakeoff::core
