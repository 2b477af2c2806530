// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Results appear whole or not at all.
#include "convert/staging.h"

#include <gtest/gtest.h>

#include <fstream>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/test_folder.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;

class StagingTest : public ::testing::Test {
 protected:
  static void Write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  const core::TestFolder root_;
};

TEST_F(StagingTest, LeavesNothingWithoutPublish) {
  {
    Staging staging(root_ / "net.xml");
    Write(staging.FolderFor(0) / "net.xml", "x");
    EXPECT_EQ(root_.Entries(), 1u);
  }
  EXPECT_EQ(root_.Entries(), 0u);
}

TEST_F(StagingTest, PublishesAllFilesOfTheLastStepAndReplacesOldOnes) {
  Write(root_ / "net.bin", "old");
  {
    Staging staging(root_ / "net.xml");
    Write(staging.FolderFor(0) / "model.onnx", "step");
    const fs::path folder = staging.FolderFor(1);
    Write(folder / "net.xml", "x");
    Write(folder / "net.bin", "weights");
    staging.Publish(folder);
  }
  EXPECT_EQ(root_.Entries(), 2u);
  EXPECT_EQ(core::ReadFile(root_ / "net.bin"), "weights");
  EXPECT_EQ(core::ReadFile(root_ / "net.xml"), "x");
}

TEST_F(StagingTest, ReplacesAFolderByAFolder) {
  fs::create_directories(root_ / "model/old");
  {
    Staging staging(root_ / "model");
    const fs::path folder = staging.FolderFor(0);
    fs::create_directories(folder / "model/new");
    staging.Publish(folder);
  }
  EXPECT_TRUE(fs::exists(root_ / "model/new"));
  EXPECT_FALSE(fs::exists(root_ / "model/old"));
  EXPECT_EQ(root_.Entries(), 1u);
}

TEST_F(StagingTest, AMissingFolderFails) {
  try {
    Staging staging(root_ / "nowhere/net.xml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
}

}  // namespace
}  // namespace bakeoff::convert
