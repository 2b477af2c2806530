// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Formats by content: each one recognised from the bytes that define it, and each refusal with its reason.
#include "core/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"
#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using testing::HasSubstr;

std::string Field(int number, const std::string& content) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + std::string(1, static_cast<char>(content.size())) +
         content;
}
std::string Number(int field, int value) {
  return {static_cast<char>(field << 3), static_cast<char>(value)};
}

// ir_version 8, a producer, a graph, an opset.
std::string Onnx() {
  return Number(1, 8) + Field(2, "test") + Field(7, Field(2, "graph")) + Field(8, Number(2, 17));
}

std::string Little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

// A zip file of empty, stored entries.
std::string Zip(const std::vector<std::string>& names) {
  std::string entries, directory;
  for (const std::string& name : names) {
    const std::string common = Little(0, 2) + Little(0, 2) + Little(0, 4) + Little(0, 4) + Little(0, 4) + Little(0, 4) +
                               Little(name.size(), 2) + Little(0, 2);
    directory += "PK\x01\x02" + Little(20, 2) + Little(20, 2) + common + Little(0, 2) + Little(0, 2) + Little(0, 2) +
                 Little(0, 4) + Little(entries.size(), 4) + name;
    entries += "PK\x03\x04" + Little(20, 2) + common + name;
  }
  return entries + directory + "PK\x05\x06" + Little(0, 4) + Little(names.size(), 2) + Little(names.size(), 2) +
         Little(directory.size(), 4) + Little(entries.size(), 4) + Little(0, 2);
}

class Formats : public testing::Test {
 protected:
  fs::path Write(const std::string& name, const std::string& content) const { return root_.Write(name, content); }
  std::string Refusal(const fs::path& path, ErrorCode code = ErrorCode::kInvalidModel) const {
    try {
      return "recognised as " + RecogniseFormat(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.text();
      EXPECT_THAT(error.text(), HasSubstr(path.string()));
      return error.text();
    }
  }

  const TestFolder root_;
};

TEST_F(Formats, AreRecognisedByContent) {
  const struct {
    const char* name;
    std::string content;
    const char* id;
  } kCases[] = {
      {"a.onnx", Onnx(), "onnx"},
      {"no-ending", Onnx(), "onnx"},
      {"a.pb", Onnx(), "onnx"},
      {"a.ONNX", Onnx(), "onnx"},
      {"a.tflite", "\x1c\0\0\0TFL3"s + std::string(40, 'x'), "tflite"},
      {"a.ort", "\x1c\0\0\0ORTM"s, "ort"},
      {"a.xml", "<?xml version=\"1.0\"?>\n<!-- a comment -->\n<net name=\"m\" version=\"11\"></net>", "openvino"},
      {"b.pb", Field(1, Field(1, "x") + Field(2, "Const")) + Field(4, Number(1, 1)), "frozen"},
      {"a.pt", Zip({"model/data.pkl", "model/code/__torch__.py", "model/constants.pkl"}), "torchscript"},
      {"a.pt2", Zip({"archive/archive_format", "archive/models/model.json"}), "exported"},
      {"a.keras", Zip({"metadata.json", "config.json", "model.weights.h5"}), "keras"},
      {"a.h5", "\x89HDF\r\n\x1a\n more", "keras-h5"},
      {"saved/saved_model.pb", Number(1, 1) + Field(2, "meta"), ""},
      {"folder/model.json", "{}", ""},
  };
  for (const auto& each : kCases) {
    const fs::path path = Write(each.name, each.content);
    if (*each.id) {
      EXPECT_EQ(RecogniseFormat(path), each.id) << each.name;
    }
  }
  EXPECT_EQ(RecogniseFormat(root_ / "saved"), "savedmodel");
  EXPECT_EQ(RecogniseFormat(root_ / "folder"), "folder");
  EXPECT_EQ(OpenArtifact(root_ / "a.onnx").format, "onnx");
}

TEST_F(Formats, AModelFolderStandsForTheFileInIt) {
  const fs::path file = Write("trained/model.pt", "x");
  Write("trained/model.json", R"({"schema": 1, "name": "n", "format": "torchscript", "file": "model.pt",
    "inputs": [{"name": "images", "type": "f32", "shape": [-1, 3, 8, 8], "layout": "NCHW"}],
    "outputs": [{"name": "logits", "type": "f32", "shape": [-1, 2]}]})");
  const Artifact artifact = OpenArtifact(root_ / "trained");
  EXPECT_EQ(artifact.format, "torchscript");
  EXPECT_EQ(fs::path(artifact.path), file);
  ASSERT_EQ(artifact.inputs.size(), 1u);
  EXPECT_EQ(artifact.inputs[0].shape, (Shape{-1, 3, 8, 8}));
  EXPECT_EQ(artifact.layouts.at("images"), "NCHW");
  Write("unfinished/model.json", "{}");
  EXPECT_THROW(OpenArtifact(root_ / "unfinished"), Error);
}

TEST_F(Formats, WhatIsNoModelFails) {
  EXPECT_THAT(Refusal(root_ / "absent.onnx", ErrorCode::kNotFound), HasSubstr("no such file"));
  EXPECT_THAT(Refusal(Write("empty.onnx", "")), HasSubstr("an empty file"));
  EXPECT_THAT(Refusal(Write("text.onnx", "this is no model at all\n")), HasSubstr("not ONNX, though its name says so"));
  EXPECT_THAT(Refusal(Write("cut.onnx", Onnx().substr(0, 12))),
              HasSubstr("an ONNX model that is cut short: 5 bytes are missing"));
  EXPECT_THAT(Refusal(Write("wrong.onnx", "\x1c\0\0\0TFL3"s)),
              HasSubstr("its name says ONNX, its content is TensorFlow Lite; rename it to end in .tflite"));
  EXPECT_THAT(Refusal(Write("page.xml", "<html></html>")), HasSubstr("no OpenVINO IR"));
  EXPECT_THAT(Refusal(Write("weights.pt", Zip({"archive/data.pkl", "archive/data/0"}))), HasSubstr("torch.jit.save"));
  EXPECT_THAT(Refusal(Write("cut.pt", Zip({"m/constants.pkl"}).substr(0, 40))), HasSubstr("cut short"));
  EXPECT_THAT(Refusal(Write("lfs.onnx", "version https://git-lfs.github.com/spec/v1\n")), HasSubstr("git lfs pull"));
  EXPECT_THAT(Refusal(Write("other.dat", "\xff\xff\xff")), HasSubstr("known are: ONNX (.onnx)"));
  Write("ir.xml", "<net></net>");
  EXPECT_THAT(Refusal(Write("ir.bin", "\xff\xff")), HasSubstr("give the .xml file beside it"));
  EXPECT_THAT(Refusal(Write("saved/saved_model.pb", Number(1, 1) + Field(2, "m"))),
              HasSubstr("part of a SavedModel; give its folder"));
  fs::create_directory(root_ / "nothing");
  EXPECT_THAT(Refusal(root_ / "nothing", ErrorCode::kUsage), HasSubstr("neither model.json"));
  EXPECT_THAT(Refusal("/dev/null", ErrorCode::kUnavailable), HasSubstr("neither a file nor a folder"));
}

// Any file must be recognised or refused, never crash or hang.
TEST_F(Formats, EveryCutOfAModelIsAnswered) {
  for (const std::string& whole : {Onnx(), Zip({"m/constants.pkl", "m/code/a"}), "<?xml?><net></net>"s}) {
    for (size_t bytes = 1; bytes < whole.size(); ++bytes) {
      try {
        RecogniseFormat(Write("cut", whole.substr(0, bytes)));
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
      }
    }
  }
}

TEST(ModelName, IsTheFileUpToItsFirstDot) {
  EXPECT_EQ(ModelName("a/b/net.onnx"), "net");
  EXPECT_EQ(ModelName("net.int8.tflite"), "net");
  EXPECT_EQ(ModelName("models/saved/"), "saved");
  EXPECT_EQ(ModelName(".hidden.onnx"), ".hidden");
}

TEST_F(Formats, TheTableHasNoContradiction) {
  for (const FormatRow& row : core::Formats()) {
    EXPECT_EQ(FindFormat(row.id)->title, row.title);
    EXPECT_TRUE(row.layout == "NCHW" || row.layout == "NHWC" || row.layout.empty());
  }
  EXPECT_EQ(FindFormat("nothing"), nullptr);
}

}  // namespace
}  // namespace bakeoff::core
