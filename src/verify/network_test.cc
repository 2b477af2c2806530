// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What each model of a network is loaded with, seen by an engine that writes down every request and refuses some.
#include "verify/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"
#include "core/shapes.h"

namespace bakeoff::verify {
namespace {

using testing::HasSubstr;
using Shapes = std::map<std::string, Shape>;

Artifact Model(const std::string& path, const std::string& format, std::vector<TensorSpec> inputs = {}) {
  return {.path = path, .format = format, .inputs = std::move(inputs), .outputs = {}, .layouts = {}};
}

// Has the inputs of `tells`, or, where that is empty, what the host describes; else it objects, as LibTorch's does.
class Engine final : public Session {
 public:
  Engine(std::vector<TensorSpec> tells, std::vector<TensorSpec> outputs, std::vector<worker::LoadRequest>& asked)
      : tells_(std::move(tells)), outputs_(std::move(outputs)), asked_(asked) {}
  worker::LoadReply Load(const worker::LoadRequest& request, std::chrono::milliseconds) override {
    asked_.push_back(request);
    const auto& inputs = tells_.empty() ? request.artifact.inputs : tells_;
    if (inputs.empty()) throw Error(ErrorCode::kUsage, "shape of 'x' not told");
    core::CheckShapes(inputs, core::CompleteShapes(inputs, request.shapes, request.batch));
    return {.inputs = inputs, .outputs = outputs_, .effective = {}};
  }
  worker::InferReply Infer(const std::vector<worker::NamedTensor>&, std::chrono::milliseconds) override { return {}; }
  worker::MeasureReply Measure(const Json&, const std::vector<worker::NamedTensor>&, std::chrono::milliseconds,
                               const worker::Worker::Progress&) override {
    return {};
  }
  worker::ProfileReply Profile(int64_t, std::chrono::nanoseconds, const std::vector<worker::NamedTensor>&,
                               std::chrono::milliseconds) override {
    return {};
  }
  void Bye() override {}

 private:
  std::vector<TensorSpec> tells_, outputs_;
  std::vector<worker::LoadRequest>& asked_;
};

class NetworkTest : public testing::Test {
 protected:
  Opened Open(Network& network, const Artifact& model, const std::vector<TensorSpec>& tells, int64_t batch = 0) {
    worker::LoadRequest request{.artifact = model};
    request.batch = batch;
    return network.Open(
        "e", false, [&] { return std::make_unique<Engine>(tells, outputs_, asked_); }, request,
        std::chrono::seconds(1));
  }
  std::vector<worker::LoadRequest> asked_;
  std::vector<TensorSpec> outputs_;  // of the engine
  const std::vector<TensorSpec> nhwc_ = {{"image", DType::kF32, {kFree, 12, 20, 3}}};
  const std::vector<TensorSpec> nchw_ = {{"image", DType::kF32, {kFree, 3, 12, 20}}};
};

TEST_F(NetworkTest, AModelFolderIsLoadedInTheFormThatTheEngineWasChosenFor) {
  Artifact file = Model("net/model.pt", "torchscript", nchw_);
  file.folder = "net";
  EngineInfo info{.name = "e", .version = "1", .reads = {"folder"}};
  Network network({file}, {});
  Open(network, ArtifactFor(info, file), nchw_);
  info.reads = {"torchscript", "folder"};
  Open(network, ArtifactFor(info, file), nchw_, 2);
  ASSERT_EQ(asked_.size(), 2u);
  EXPECT_EQ(asked_[0].artifact.path, "net");
  EXPECT_EQ(asked_[0].artifact.format, "folder");
  EXPECT_EQ(asked_[1].artifact.path, "net/model.pt");
  EXPECT_EQ(asked_[1].artifact.format, "torchscript");
}

TEST_F(NetworkTest, AModelThatTellsNothingTakesTheShapesOfOneThatDoes) {
  const Artifact keras = Model("a.keras", "keras"), torch = Model("a.pt", "torchscript");
  Network network({torch, keras}, {});
  EXPECT_THROW(Open(network, torch, {}), Error);
  EXPECT_EQ(Open(network, keras, nhwc_).shapes_from, "");
  asked_.clear();
  const Opened opened = Open(network, torch, {});
  EXPECT_EQ(opened.shapes_from, "a.keras");
  EXPECT_EQ(opened.inputs.at(0).shape, (Shape{1, 3, 12, 20}));
  EXPECT_EQ(asked_.size(), 2u);  // as it is, and as it works
  Open(network, torch, {});
  EXPECT_EQ(asked_.size(), 3u);  // remembered
}

TEST_F(NetworkTest, OneShapeIsPutIntoTheAxesOfEachModel) {
  const Artifact keras = Model("a.keras", "keras"), torch = Model("a.pt", "torchscript");
  const std::vector<TensorSpec> free = {{"x", DType::kF32, {kFree, 3, kFree, kFree}}};
  for (const std::string name : {"", "image"}) {
    Network network({keras, torch}, {{name, {2, 12, 20, 3}}});
    EXPECT_EQ(Open(network, keras, nhwc_).inputs.at(0).shape, (Shape{2, 12, 20, 3}));
    EXPECT_EQ(Open(network, torch, free).inputs.at(0).shape, (Shape{2, 3, 12, 20})) << name;
    // Beside a batch the first extent is left to it.
    EXPECT_EQ(Open(network, torch, free, 4).inputs.at(0).shape, (Shape{4, 3, 12, 20})) << name;
  }
}

TEST_F(NetworkTest, TheBatchIsWhatWasAskedForWhereAnEngineCompiledItIn) {
  const std::vector<TensorSpec> free = {{"x", DType::kF32, {kFree, 784}}}, compiled = {{"x", DType::kF32, {8, 784}}};
  const Artifact read = Model("a.onnx", "onnx", free), unread = Model("a.bin", "frozen");
  for (const auto& tells : {free, compiled}) {
    Network by_batch({unread}, {}), by_shape({read}, {{"x", {8, 784}}});
    EXPECT_EQ(Open(by_batch, unread, tells, 8).batch, 8);
    EXPECT_EQ(Open(by_shape, read, tells).batch, 8);
  }
}

TEST_F(NetworkTest, AFirstExtentThatInputsAndOutputsShareCountsSamples) {
  const Artifact unread = Model("a.bin", "frozen");
  const std::vector<TensorSpec> flat = {{"x", DType::kF32, {8, 784}}}, deep = {{"x", DType::kF32, {8, 16, 32}}};
  const auto batch = [&](const std::vector<TensorSpec>& tells, Shape output, const Shapes& said = {}) {
    outputs_.clear();
    if (!output.empty()) outputs_ = {{"y", DType::kF32, std::move(output)}};
    Network network({unread}, said);
    return Open(network, unread, tells).batch;
  };
  EXPECT_EQ(batch(flat, {8, 10}), 8);
  EXPECT_EQ(batch(flat, {}), 8);  // an engine that does not tell its outputs
  EXPECT_EQ(batch(flat, {1, 10}), 1);
  EXPECT_EQ(batch(flat, {8}), 1);
  // The first of three axes may as well be time, unless somebody chose it.
  EXPECT_EQ(batch(deep, {8, 16, 4}), 1);
  EXPECT_EQ(batch(deep, {8, 4}, {{"x", {8, 16, 32}}}), 8);
  EXPECT_EQ(batch(deep, {16, 4}, {{"x", {8, 16, 32}}}), 1);
  EXPECT_EQ(batch({{"x", DType::kF32, {8, 784}}, {"h", DType::kF32, {2, 784}}}, {8, 10}), 1);
  EXPECT_EQ(batch({{"x", DType::kF32, {784}}}, {784}), 1);
}

TEST_F(NetworkTest, SeveralInputsOfOtherNamesGoByPlace) {
  const Artifact told = Model("a.tflite", "tflite"), torch = Model("a.pt", "torchscript");
  Network network({told, torch}, {});
  Open(network, told, {{"a", DType::kF32, {kFree, 4}}, {"b", DType::kI32, {7}}});
  const Opened opened = Open(network, torch, {});
  ASSERT_EQ(opened.inputs.size(), 2u);
  EXPECT_EQ(opened.inputs[0].shape, (Shape{1, 4}));
  EXPECT_EQ(opened.inputs[1].type, DType::kI32);
  EXPECT_EQ(opened.inputs[1].shape, (Shape{7}));
}

TEST_F(NetworkTest, TheLeadIsTheFirstModelThatTold) {
  const Artifact torch = Model("a.pt", "torchscript"), keras = Model("a.keras", "keras");
  const Artifact folder = Model("a.onnx", "onnx", nchw_);
  Network network({torch, keras, folder}, {});
  EXPECT_FALSE(network.KnowsFirst());
  EXPECT_EQ(network.Lead(2)->at(0).shape, (Shape{2, 3, 12, 20}));
  Open(network, keras, nhwc_, 2);
  EXPECT_EQ(network.Lead(2)->at(0).shape, (Shape{2, 12, 20, 3}));
}

TEST_F(NetworkTest, ContradictionsAreFoundBeforeAnythingRuns) {
  const Artifact folder = Model("a.onnx", "onnx", nchw_);
  const auto refusal = [&](const Shapes& said, int64_t batch) -> std::string {
    try {
      Network({folder}, said).Check(batch);
    } catch (const Error& error) {
      return std::string(CodeName(error.code())) + ": " + error.text();
    }
    return "";
  };
  EXPECT_EQ(refusal({{"image", {1, 3, 12, 20}}}, 8), "");
  EXPECT_THAT(refusal({{"image", {1, 4, 12, 20}}}, 0), HasSubstr("usage: a.onnx: input 'image' takes the shape"));
  EXPECT_THAT(refusal({{"imagine", {1, 3, 12, 20}}}, 0), HasSubstr("did you mean 'image'"));
  EXPECT_THAT(refusal({{"", {3, 12, 20}}}, 0), HasSubstr("input 'image' is ?x3x12x20"));
}

}  // namespace
}  // namespace bakeoff::verify
