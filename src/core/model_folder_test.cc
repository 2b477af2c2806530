// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// model.json: what is read, and what is refused.
#include "core/model_folder.h"

#include <gtest/gtest.h>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

class ModelFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    root_.Write("model/model.pt", "x");
    json_ = {{"schema", 1},
             {"name", "fruits"},
             {"format", "torchscript"},
             {"file", "model.pt"},
             {"classes", {"a", "b"}},
             {"inputs", {{{"name", "images"}, {"type", "f32"}, {"shape", {-1, 3, 96, 96}}, {"layout", "NCHW"}}}},
             {"outputs", {{{"name", "logits"}, {"type", "f32"}, {"shape", {-1, 2}}}}}};
  }
  ModelFolder Read() {
    WriteFileAtomically(folder_ / "model.json", json_.dump());
    return ReadModelFolder(folder_);
  }
  std::string Refusal() {
    try {
      Read();
    } catch (const Error& error) {
      return error.text();
    }
    return "";
  }
  // The model's folder, with room beside it.
  const TestFolder root_;
  const std::filesystem::path folder_ = root_ / "model";
  Json json_;
};

TEST_F(ModelFolderTest, DescribesTheModel) {
  const ModelFolder model = Read();
  EXPECT_EQ(model.model.format, "torchscript");
  EXPECT_EQ(model.model.inputs.at(0), (TensorSpec{"images", DType::kF32, {-1, 3, 96, 96}}));
  EXPECT_EQ(model.model.layouts.at("images"), "NCHW");
  EXPECT_EQ(model.classes.size(), 2u);
}

TEST_F(ModelFolderTest, MissingFieldFailsByName) {
  json_.erase("file");
  EXPECT_NE(Refusal().find("'file'"), std::string::npos);
}

TEST_F(ModelFolderTest, UnknownTypeFailsByName) {
  json_["inputs"][0]["type"] = "float";
  EXPECT_NE(Refusal().find("'inputs'"), std::string::npos);
}

TEST_F(ModelFolderTest, MissingModelFileFails) {
  json_["file"] = "gone.pt";
  EXPECT_NE(Refusal().find("gone.pt"), std::string::npos);
}

TEST_F(ModelFolderTest, FileOutsideTheFolderFails) {
  const std::filesystem::path outside = root_.Write("outside.pt", "x");
  for (const char* field : {"file", "weights"}) {
    for (const std::string& name : {"../" + outside.filename().string(), outside.string(),
                                    "sub/../../" + outside.filename().string(), std::string("."), std::string()}) {
      const Json before = json_;
      json_[field] = name;
      const std::string text = Refusal();
      EXPECT_NE(text.find("'" + std::string(field) + "'"), std::string::npos) << name << ": " << text;
      EXPECT_NE(text.find("outside the folder"), std::string::npos) << name << ": " << text;
      json_ = before;
    }
  }
  json_["file"] = "sub/../model.pt";
  EXPECT_EQ(Refusal(), "") << "the premise: a name inside is taken";
}

TEST_F(ModelFolderTest, OtherSchemaFails) {
  for (const Json& schema : {Json(9), Json("1"), Json(), Json::array({1})}) {
    json_["schema"] = schema;
    EXPECT_NE(Refusal().find("schema is " + schema.dump()), std::string::npos);
  }
}

}  // namespace
}  // namespace bakeoff::core
