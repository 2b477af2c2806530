// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Artifacts from another machine: whole or not at all, and never outside their folder.
#include "worker/runner/artifact_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "bakeoff/error.h"
#include "core/sha256.h"
#include "core/test_folder.h"

namespace bakeoff::worker {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ArtifactCacheTest : public ::testing::Test {
 protected:
  static Json Row(const std::string& path, const std::string& content) {
    return {{"path", path}, {"bytes", content.size()}, {"sha256", core::Sha256Hex(content)}};
  }
  void Put(const Json& row, const std::string& piece, uint64_t offset) {
    NamedTensor chunk{"chunk", DType::kU8, {static_cast<int64_t>(piece.size())}, std::vector<std::byte>(piece.size())};
    if (!piece.empty()) std::memcpy(chunk.data.data(), piece.data(), piece.size());
    cache_.Put(Json::parse(Json{{"sha256", hash_}, {"file", row}, {"offset", offset}}.dump()), {chunk});
  }
  Json Have(const Json& rows, const std::string& path = "/nowhere/model.onnx") {
    return cache_.Have(Json::parse(Json{{"sha256", hash_}, {"files", rows}, {"path", path}}.dump()))["path"];
  }
  std::string Refusal(const Json& row, const std::string& piece, uint64_t offset = 0) {
    try {
      Put(row, piece, offset);
    } catch (const Error& error) {
      return error.text();
    }
    return "accepted";
  }

  const core::TestFolder folder_;
  ArtifactCache cache_{folder_ / "models"};
  std::string hash_ = core::Sha256Hex("the artifact");
};

TEST_F(ArtifactCacheTest, FileIsThereWhenItsLastPieceIs) {
  const Json row = Row("model.onnx", "hello world");
  EXPECT_EQ(Have(Json::array({row})), nullptr);
  Put(row, "hello ", 0);
  EXPECT_EQ(Have(Json::array({row})), nullptr);
  Put(row, "world", 6);
  const std::string path = Have(Json::array({row}));
  EXPECT_EQ(path, (folder_ / "models" / hash_ / "model.onnx").string());
  std::ifstream file(path);
  std::string content;
  std::getline(file, content);
  EXPECT_EQ(content, "hello world");
}

TEST_F(ArtifactCacheTest, FolderNeedsAllItsFiles) {
  const Json one = Row("saved_model.pb", "graph"), two = Row("variables/data", "");
  Put(one, "graph", 0);
  EXPECT_EQ(Have(Json::array({one, two}), "/nowhere/model"), nullptr);
  Put(two, "", 0);
  EXPECT_EQ(Have(Json::array({one, two}), "/nowhere/model"), (folder_ / "models" / hash_).string());
}

TEST_F(ArtifactCacheTest, PathThatTheHostNamesIsTakenWhenItHasTheContents) {
  folder_.Write("here.onnx", "abc");
  EXPECT_EQ(Have(Json::array({Row("here.onnx", "abc")}), (folder_ / "here.onnx").string()),
            (folder_ / "here.onnx").string());
  EXPECT_EQ(Have(Json::array({Row("here.onnx", "abd")}), (folder_ / "here.onnx").string()), nullptr);
}

TEST_F(ArtifactCacheTest, WrongContentsFailAndLeaveNothing) {
  EXPECT_THAT(Refusal(Row("m", "abc"), "abd"), HasSubstr("not those that were announced"));
  EXPECT_EQ(Have(Json::array({Row("m", "abc")})), nullptr);
  EXPECT_TRUE(fs::is_empty(folder_ / "models" / hash_));
}

TEST_F(ArtifactCacheTest, PathsThatLeaveTheFolderFail) {
  for (const char* path : {"../x", "a/../../x", "/etc/x", "", ".", "./x", "a/..", "x.part"}) {
    EXPECT_THAT(Refusal(Row(path, "a"), "a"), HasSubstr("no path of a file inside an artifact")) << path;
  }
  hash_ = "../../../../tmp/x";
  EXPECT_THAT(Refusal(Row("x", "a"), "a"), HasSubstr("not 64 lower-case hexadecimal digits"));
}

TEST_F(ArtifactCacheTest, PiecesBeyondTheAnnouncedSizeFail) {
  EXPECT_THAT(Refusal(Row("m", "abc"), "abcd"), HasSubstr("does not fit"));
  EXPECT_THAT(Refusal(Row("m", "abc"), "c", 3), HasSubstr("does not fit"));
  EXPECT_THAT(Refusal(Row("m", "abc"), "c", ~uint64_t{0}), HasSubstr("does not fit"));
}

}  // namespace
}  // namespace bakeoff::worker
