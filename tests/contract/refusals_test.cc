// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Bad requests and bad files: each is refused with the right code and words, and the worker goes on.
#include <fstream>
#include <iterator>
#include <random>

#include "engine_under_test.h"
#include "fixture_net.h"

namespace bakeoff::contract {
namespace {

namespace fs = std::filesystem;

bool Names(const Refusal& refusal, const std::string& word) {
  return refusal.text.find(word) != std::string::npos;
}

class Refuses : public Contract {
 protected:
  void SetUp() override {
    if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  }
  // After a refusal the worker answers as before.
  void TearDown() override {
    Contract::TearDown();
    if (!HasNet()) return;
    const Model model = Nets()[0];
    const auto loaded = Load(Shared(), model);
    const auto inputs = Inputs(loaded);
    ExpectAnswers(model, inputs, Shared().Infer(inputs, kLimit).outputs);
  }

  Refusal OfInputs(const std::function<void(std::vector<NamedTensor>&)>& spoil) {
    auto inputs = Inputs(Load(Shared(), Nets()[0]));
    spoil(inputs);
    return RefusalOf([&] { Shared().Infer(inputs, kLimit); });
  }

  // A copy of the fixture whose model file went through `spoil`.
  Artifact Spoilt(const Model& model, const std::function<void(std::string&)>& spoil) {
    const fs::path source = model.artifact.path, copy = Scratch() / source.filename();
    fs::copy(source, copy, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    const fs::path file = fs::is_directory(copy) ? copy / "saved_model.pb" : copy;
    std::ifstream in(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    EXPECT_GT(bytes.size(), 100u) << "the premise: there is something to spoil";
    spoil(bytes);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    return {.path = copy, .format = model.artifact.format};
  }

  void ExpectBadFile(const Artifact& artifact, ErrorCode code) {
    SCOPED_TRACE(artifact.path);
    const Refusal refusal = RefusalOf([&] { Shared().Load({.artifact = artifact}, kLimit); });
    EXPECT_EQ(CodeName(refusal.code), CodeName(code)) << refusal.text;
    EXPECT_TRUE(Names(refusal, fs::path(artifact.path).filename())) << refusal.text;
    EXPECT_LT(refusal.text.size(), 700u) << "not shortened: " << refusal.text;
    EXPECT_EQ(refusal.text.find('\n'), std::string::npos) << refusal.text;
  }
};

bool IsRequestFault(const Refusal& refusal) {
  return refusal.code == ErrorCode::kUsage || refusal.code == ErrorCode::kUnsupported;
}

TEST_F(Refuses, WrongShape) {
  std::string name;
  const Refusal refusal = OfInputs([&](std::vector<NamedTensor>& inputs) {
    name = inputs[0].name;
    inputs[0].shape.back() += 1;
    inputs[0].data.resize(static_cast<size_t>(ElementCount(inputs[0].shape)) * sizeof(float));
  });
  EXPECT_TRUE(IsRequestFault(refusal)) << refusal.text;
  EXPECT_TRUE(Names(refusal, name)) << refusal.text;
}

TEST_F(Refuses, WrongRank) {
  const Refusal refusal = OfInputs([](std::vector<NamedTensor>& inputs) { inputs[0].shape.push_back(1); });
  EXPECT_TRUE(IsRequestFault(refusal)) << refusal.text;
}

TEST_F(Refuses, WrongType) {
  std::string name;
  const Refusal refusal = OfInputs([&](std::vector<NamedTensor>& inputs) {
    name = inputs[0].name;
    inputs[0].type = DType::kI32;  // as many bytes
  });
  EXPECT_TRUE(IsRequestFault(refusal)) << refusal.text;
  EXPECT_TRUE(Names(refusal, name)) << refusal.text;
}

TEST_F(Refuses, MissingInput) {
  const Refusal refusal = OfInputs([](std::vector<NamedTensor>& inputs) { inputs.clear(); });
  EXPECT_EQ(refusal.code, ErrorCode::kUsage) << refusal.text;
}

TEST_F(Refuses, UnknownInput) {
  const Refusal refusal = OfInputs([](std::vector<NamedTensor>& inputs) { inputs[0].name = "nobody"; });
  EXPECT_EQ(refusal.code, ErrorCode::kUsage) << refusal.text;
}

TEST_F(Refuses, ShapeForAnUnknownInput) {
  const Refusal refusal =
      RefusalOf([&] { Shared().Load({.artifact = Nets()[0].artifact, .shapes = {{"nobody", {1, 4}}}}, kLimit); });
  EXPECT_EQ(refusal.code, ErrorCode::kUsage) << refusal.text;
  EXPECT_TRUE(Names(refusal, "nobody")) << refusal.text;
}

TEST_F(Refuses, UnknownOption) {
  const Refusal refusal = RefusalOf([&] { Load(Shared(), Nets()[0], 1, 1, 1, {{"no_such_option", "1"}}); });
  EXPECT_EQ(refusal.code, ErrorCode::kUsage) << refusal.text;
  EXPECT_TRUE(Names(refusal, "no_such_option")) << refusal.text;
}

TEST_F(Refuses, ValueThatIsNoChoice) {
  for (const OptionSpec& option : Info().options) {
    if (option.choices.empty()) continue;
    const Refusal refusal = RefusalOf([&] { Load(Shared(), Nets()[0], 1, 1, 1, {{option.name, "perhaps"}}); });
    EXPECT_EQ(refusal.code, ErrorCode::kUsage) << refusal.text;
    EXPECT_TRUE(Names(refusal, option.name)) << refusal.text;
  }
}

// Options that these settings leave without effect; engines without such an option are not listed.
TEST_F(Refuses, OptionThatNothingReads) {
  static const std::map<std::string, std::pair<std::string, std::string>> kWithoutEffect{
      {"onnxruntime", {"inter_op_threads", "2"}},  // execution_mode is sequential
  };
  const auto found = kWithoutEffect.find(Info().name);
  if (found == kWithoutEffect.end()) GTEST_SKIP() << "every option of " << Info().name << " has an effect";
  const auto& [option, value] = found->second;
  const Refusal refusal = RefusalOf([&] { Load(Shared(), Nets()[0], 1, 1, 1, {{option, value}}); });
  EXPECT_EQ(refusal.code, ErrorCode::kUsage) << refusal.text;
  EXPECT_TRUE(Names(refusal, option)) << refusal.text;
}

TEST_F(Refuses, GarbageFile) {
  if (ReadsAnything()) GTEST_SKIP() << "it reads anything";
  for (const Model& model : Nets()) {
    std::mt19937 random(1);
    ExpectBadFile(Spoilt(model,
                         [&](std::string& bytes) {
                           for (char& c : bytes) c = static_cast<char>(random());
                         }),
                  ErrorCode::kInvalidModel);
  }
}

TEST_F(Refuses, TruncatedFile) {
  if (ReadsAnything()) GTEST_SKIP() << "it reads anything";
  for (const Model& model : Nets()) {
    ExpectBadFile(Spoilt(model, [](std::string& bytes) { bytes.resize(bytes.size() / 2); }), ErrorCode::kInvalidModel);
  }
}

TEST_F(Refuses, EmptyFile) {
  if (ReadsAnything()) GTEST_SKIP() << "it reads anything";
  for (const Model& model : Nets()) {
    ExpectBadFile(Spoilt(model, [](std::string& bytes) { bytes.clear(); }), ErrorCode::kInvalidModel);
  }
}

TEST_F(Refuses, MissingFile) {
  for (const Model& model : Nets()) {
    const fs::path path = Scratch() / ("absent" + fs::path(model.artifact.path).extension().string());
    ExpectBadFile({.path = path, .format = model.artifact.format}, ErrorCode::kNotFound);
  }
}

TEST_F(Refuses, FormatItDoesNotRead) {
  if (ReadsAnything()) GTEST_SKIP() << "it reads anything";
  const Refusal refusal =
      RefusalOf([&] { Shared().Load({.artifact = {.path = Nets()[0].artifact.path, .format = "cuneiform"}}, kLimit); });
  EXPECT_EQ(refusal.code, ErrorCode::kUnsupported) << refusal.text;
  EXPECT_TRUE(Names(refusal, "cuneiform")) << refusal.text;
}

TEST_F(Refuses, OperatorItLacks) {
  if (!Reads("onnx")) GTEST_SKIP() << "it reads no ONNX";
  const fs::path path = Scratch() / "stranger.onnx";
  WriteStranger(path);
  ExpectBadFile({.path = path, .format = "onnx"}, ErrorCode::kUnsupported);
  const Refusal refusal = RefusalOf([&] { Shared().Load({.artifact = {.path = path, .format = "onnx"}}, kLimit); });
  EXPECT_TRUE(Names(refusal, "Wibble")) << refusal.text;
  EXPECT_TRUE(Names(refusal, "odd_one")) << "the node: " << refusal.text;
}

TEST_F(Refuses, ExternalDataThatIsMissing) {
  if (!Reads("onnx")) GTEST_SKIP() << "it reads no ONNX";
  const fs::path path = Scratch() / "outside.onnx";
  WriteNet(path, true);
  ASSERT_TRUE(fs::remove(Scratch() / "outside.onnx.data")) << "the premise: weights lie beside the model";
  ExpectBadFile({.path = path, .format = "onnx"}, ErrorCode::kNotFound);
  const Refusal refusal = RefusalOf([&] { Shared().Load({.artifact = {.path = path, .format = "onnx"}}, kLimit); });
  EXPECT_TRUE(Names(refusal, "outside.onnx.data")) << refusal.text;
}

TEST_F(Refuses, PrecisionThatItDoesNotCompute) {
  const Refusal refusal =
      RefusalOf([&] { Shared().Load({.artifact = Nets()[0].artifact, .precision = "f11"}, kLimit); });
  EXPECT_TRUE(IsRequestFault(refusal)) << refusal.text;
  EXPECT_TRUE(Names(refusal, "f11")) << refusal.text;
}

}  // namespace
}  // namespace bakeoff::contract
