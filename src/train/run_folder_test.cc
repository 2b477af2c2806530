// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The folder of a training: one at a time, and clean when one begins anew.
#include "train/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "bakeoff/error.h"
#include "core/test_error.h"
#include "core/test_folder.h"

namespace bakeoff::train {
namespace {

template <typename Call>
std::string FailureOf(Call call) {
  return core::Catch(call).text();
}

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class RunFolderTest : public testing::Test {
 protected:
  void Touch(const std::string& name) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << "x";
  }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_ / "m")) names.insert(entry.path().filename().string());
    return names;
  }

  const core::TestFolder root_;
};

TEST_F(RunFolderTest, OneAtATime) {
  {
    const RunFolder first(root_ / "m");
    EXPECT_THAT(FailureOf([&] { RunFolder(root_ / "m"); }), HasSubstr("another training is at work in this folder"));
    const RunFolder elsewhere(root_ / "n");
  }
  const RunFolder later(root_ / "m");
  EXPECT_THAT(Names(), ElementsAre(".training.lock"));
}

TEST_F(RunFolderTest, TheLockGoesWithTheProcessHoweverItEnds) {
  const pid_t child = fork();
  if (child == 0) {
    const RunFolder held(root_ / "m");
    raise(SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_THAT(Names(), ElementsAre(".training.lock")) << "the premise: it was left behind";
  {
    const RunFolder mine(root_ / "m");
  }
  EXPECT_TRUE(Names().empty());
}

TEST_F(RunFolderTest, AFolderThatCannotBeMadeFails) {
  Touch("file");
  EXPECT_THAT(FailureOf([&] { RunFolder(root_ / "file"); }), HasSubstr("file: cannot"));
}

TEST_F(RunFolderTest, TemporaryFilesOfKilledRunsGo) {
  for (const char* name : {".last.safetensors.12.0.tmp", ".model.json.7.123.tmp", ".manifest.jsonl.1.2.tmp"})
    Touch(std::string("m/") + name);
  const std::set<std::string> others = {".last.safetensors.tmp", ".last.safetensors.a.b.tmp", ".model.onnx.1.2.tmp",
                                        ".other.1.2.tmp", "last.safetensors.1.2.tmp"};
  for (const std::string& name : others) Touch("m/" + name);
  {
    const RunFolder folder(root_ / "m");
  }
  EXPECT_EQ(Names(), others);
}

TEST_F(RunFolderTest, BeginAnewRemovesWhatTrainingAndConvertingWrote) {
  for (const char* name :
       {"model.json", "model.pt", "weights.safetensors", "last.safetensors", "best.safetensors", "log.jsonl",
        "manifest.jsonl", "formats.json", "model.onnx", "model.onnx.conversion.json", "model.xml",
        "model.xml.conversion.json", "model.bin", "model.savedmodel/conversion.json", "model.savedmodel/saved_model.pb",
        // Not ours:
        "model.tflite", "notes.txt", "other.onnx", "other.onnx.conversion.json"})
    Touch(std::string("m/") + name);
  const RunFolder folder(root_ / "m");
  EXPECT_TRUE(folder.HasCheckpoint() && folder.HasModel());
  folder.BeginAnew(/*with_manifest=*/false);
  EXPECT_FALSE(folder.HasCheckpoint() || folder.HasModel());
  EXPECT_THAT(Names(), UnorderedElementsAre(".training.lock", "manifest.jsonl", "model.tflite", "notes.txt",
                                            "other.onnx", "other.onnx.conversion.json"));
  folder.BeginAnew(/*with_manifest=*/true);
  EXPECT_FALSE(fs::exists(folder.manifest()));
}

}  // namespace
}  // namespace bakeoff::train
