// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Artifacts on their way to another machine: which files belong, that they arrive whole, and that they are sent once.
#include "worker/host/send_artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/test_folder.h"
#include "worker/host/handle.h"

namespace bakeoff::worker {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SendArtifact : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(root_ / "store"); }

  std::string Write(const std::string& name, const std::string& content) const { return root_.Write(name, content); }
  std::unique_ptr<Worker> Remote() const {
    const char* source = std::getenv("BAKEOFF_SOURCE");
    return Worker::Start({.executable = std::string(source ? source : ".") + "/tests/support/bakeoff-engine-trouble",
                          .prefix = {"env", "TROUBLE=remote", "TROUBLE_STORE=" + (root_ / "store").string()}});
  }
  std::string PathLoaded(Worker& worker, const std::string& path) const {
    LoadRequest request;
    request.artifact = {.path = path, .format = "any"};
    return worker.Load(request, 20s).effective["path"];
  }

  const core::TestFolder root_;
};

std::vector<std::string> Names(const ArtifactFiles& files) {
  std::vector<std::string> names;
  for (const ArtifactFile& file : files.files) names.push_back(file.path);
  return names;
}

// A length-delimited protobuf field of fewer than 128 bytes.
std::string Field(int number, const std::string& content) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + std::string(1, static_cast<char>(content.size())) +
         content;
}

// A model whose one initializer keeps its data in `location`.
std::string ExternalModel(const std::string& location) {
  const std::string tensor =
      Field(8, "w") + Field(13, Field(1, "location") + Field(2, location)) + std::string("\x70\x01", 2);
  return std::string("\x08\x08", 2) + Field(7, Field(5, tensor));
}

TEST_F(SendArtifact, FindsWhatBelongs) {
  EXPECT_THAT(Names(FilesOf({.path = Write("a.tflite", "x")})), ElementsAre("a.tflite"));
  Write("ir.bin", "weights");
  EXPECT_THAT(Names(FilesOf({.path = Write("ir.xml", "<net/>")})), ElementsAre("ir.xml", "ir.bin"));
  Write("saved/variables/data", "v");
  Write("saved/saved_model.pb", "p");
  EXPECT_THAT(Names(FilesOf({.path = (root_ / "saved").string()})), ElementsAre("saved_model.pb", "variables/data"));
  Write("data/w.bin", "weights");
  EXPECT_THAT(Names(FilesOf({.path = Write("e.onnx", ExternalModel("data/w.bin"))})),
              ElementsAre("e.onnx", "data/w.bin"));
}

TEST_F(SendArtifact, ExternalDataThatIsAbsentOrOutsideFails) {
  const auto text = [&](const std::string& location) -> std::string {
    try {
      FilesOf({.path = Write("e.onnx", ExternalModel(location))});
    } catch (const Error& error) {
      return error.text();
    }
    return "found";
  };
  EXPECT_THAT(text("absent.bin"), HasSubstr("absent.bin: No such file"));
  EXPECT_THAT(text("../outside.bin"), HasSubstr("lies outside the model's folder"));
}

TEST_F(SendArtifact, HashFollowsContentAndName) {
  const std::string first = FilesOf({.path = Write("a", "one")}).sha256;
  EXPECT_EQ(FilesOf({.path = Write("other/a", "one")}).sha256, first);
  EXPECT_NE(FilesOf({.path = Write("b", "one")}).sha256, first);
  EXPECT_NE(FilesOf({.path = Write("other/a", "two words")}).sha256, first);
}

TEST_F(SendArtifact, ArrivesInPiecesAndIsSentOnce) {
  std::string content(9 << 20, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761u >> 24);
  const std::string path = Write("large.tflite", content);
  const auto worker = Remote();
  EXPECT_EQ(PathLoaded(*worker, path), (root_ / "store/large.tflite").string());
  EXPECT_EQ(core::ReadFile(root_ / "store/large.tflite"), content);
  EXPECT_THAT(worker->StderrTail(), HasSubstr("put large.tflite 8388608 1048576"));
  const auto again = Remote();
  EXPECT_EQ(PathLoaded(*again, path), (root_ / "store/large.tflite").string());
  EXPECT_THAT(again->StderrTail(), Not(HasSubstr("put")));
}

TEST_F(SendArtifact, SeveralFilesKeepTheirPlaces) {
  Write("ir.bin", "");
  const auto worker = Remote();
  EXPECT_EQ(PathLoaded(*worker, Write("ir.xml", "<net/>")), (root_ / "store/ir.xml").string());
  EXPECT_EQ(core::ReadFile(root_ / "store/ir.bin"), "");
  Write("saved/variables/data", "v");
  Write("saved/saved_model.pb", "p");
  EXPECT_EQ(PathLoaded(*worker, (root_ / "saved").string()), (root_ / "store").string());
  EXPECT_EQ(core::ReadFile(root_ / "store/variables/data"), "v");
}

TEST_F(SendArtifact, AWorkerThatDoesNotKnowHaveGetsThePath) {
  const Artifact artifact{.path = Write("a.onnx", "x")};
  EXPECT_EQ(PlaceArtifact(
                artifact,
                [](const Json&, const auto&) -> Json { throw Error(ErrorCode::kUnsupported, "no such operation"); }),
            artifact.path);
  EXPECT_THROW(
      PlaceArtifact(artifact, [](const Json&, const auto&) -> Json { throw Error(ErrorCode::kEngineFailed, "dead"); }),
      Error);
}

}  // namespace
}  // namespace bakeoff::worker
