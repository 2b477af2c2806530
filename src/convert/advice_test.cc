// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The line to type, and the hop that is missing.
#include "convert/advice.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;
using worker::EngineStatus;
using worker::HopEntryStatus;

HopEntryStatus Hop(std::vector<FormatId> reads, const char* writes) {
  HopEntryStatus hop{.name = writes, .status = EngineStatus::kPresent, .executable = writes};
  hop.info = {.name = writes, .reads = std::move(reads), .writes = writes, .precisions = {"f32"}};
  return hop;
}

// In a folder of its own: names that are taken are not advised.
class Advice : public ::testing::Test {
 protected:
  void SetUp() override {
    before_ = fs::current_path();
    folder_ = fs::temp_directory_path() / ("bakeoff-advice-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    fs::current_path(folder_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  static verify::Advice For(const Artifact& source, std::vector<FormatId> reads,
                            const std::map<std::string, Shape>& shapes = {}) {
    const std::vector<HopEntryStatus> hops{Hop({"onnx"}, "tflite"), Hop({"onnx"}, "savedmodel"),
                                           Hop({"torchscript"}, "onnx")};
    return AdviceFor({.name = "e", .reads = std::move(reads)}, source, hops, shapes);
  }

  fs::path before_, folder_;
};

TEST_F(Advice, IsTheShortestWayToWhatTheEngineReads) {
  EXPECT_EQ(For({.path = "nets/net.v1.onnx", .format = "onnx"}, {"ort", "tflite"}).command,
            "`bakeoff convert nets/net.v1.onnx net.tflite`");
  EXPECT_EQ(For({.path = "net.pt", .format = "torchscript"}, {"tflite", "onnx"}, {{"", {1, 3, kFree, 32}}}).command,
            "`bakeoff convert net.pt net.onnx --shape '1x3x?x32'`");
  EXPECT_EQ(For({.path = "net.onnx", .format = "onnx"}, {"savedmodel"}).command,
            "`bakeoff convert net.onnx net.savedmodel --to savedmodel`");
}

TEST_F(Advice, FitsAShell) {
  EXPECT_EQ(For({.path = "my nets/it's.onnx", .format = "onnx"}, {"tflite"}).command,
            "`bakeoff convert 'my nets/it'\\''s.onnx' 'it'\\''s.tflite'`");
}

TEST_F(Advice, TakesANameThatIsFree) {
  std::ofstream("net.tflite") << "taken";
  EXPECT_EQ(For({.path = "net.onnx", .format = "onnx"}, {"tflite"}).command, "`bakeoff convert net.onnx net.2.tflite`");
}

TEST_F(Advice, AsksForShapesOnlyWhereNobodyTellsThem) {
  Artifact program{.path = "folder/model.pt", .format = "torchscript"};
  EXPECT_EQ(For(program, {"onnx"}).command,
            "`bakeoff convert folder/model.pt model.onnx --shape 1x3x224x224` (with the shape of its input)");
  program.inputs = {{"x", DType::kF32, {kFree, 3, 32, 32}}};
  program.folder = "folder";
  EXPECT_EQ(For(program, {"onnx"}, {{"x", {1, 3, 32, 32}}}).command, "`bakeoff convert folder folder.onnx`");
}

TEST_F(Advice, NamesWhatIsMissing) {
  const verify::Advice none = For({.path = "net.tflite", .format = "tflite"}, {"onnx", "made-up"});
  EXPECT_EQ(none.command, "");
  EXPECT_EQ(none.obstacle, "no hop leads there: nothing can be made of tflite here");
  const std::vector<HopEntryStatus> hops{Hop({"tflite"}, "savedmodel"),
                                         {.name = "x", .status = EngineStatus::kMissing, .reason = "run: setup"}};
  EXPECT_EQ(AdviceFor({.name = "e", .reads = {"onnx"}}, {.path = "n", .format = "tflite"}, hops, {}).obstacle,
            "no hop leads there: tflite can become savedmodel; the hop x is missing: run: setup");
  EXPECT_EQ(verify::WhyNotRead({.name = "e", .reads = {"onnx"}}, {.path = "n", .format = "tflite"}, none),
            "e does not read tflite; it reads onnx; no hop leads there: nothing can be made of tflite here");
}

}  // namespace
}  // namespace bakeoff::convert
