// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What is asked of an engine and what is counted, seen by a stand-in that answers with the mean colour of a picture.
#include "verify/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <limits>
#include <set>

#include "bakeoff/error.h"
#include "core/shapes.h"
#include "data/archive_maker.h"

namespace bakeoff::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Outputs = std::vector<worker::NamedTensor>;

constexpr size_t kSide = 4, kPixels = kSide * kSide;

// What the stand-in does, and what it saw.
struct Script {
  TensorSpec input{"image", DType::kF32, {kFree, 3, kSide, kSide}};
  std::function<void(Outputs&)> change;  // of the right answer
  std::vector<std::vector<float>> asked;
  std::vector<int64_t> batches;  // of every load
  bool said_bye = false;
};

// Class scores are the means of the red, green and blue values.
class MeanColour final : public Session {
 public:
  explicit MeanColour(Script& script) : script_(script) {}
  worker::LoadReply Load(const worker::LoadRequest& request, std::chrono::milliseconds) override {
    script_.batches.push_back(request.batch);
    core::CompleteShapes({script_.input}, request.shapes, request.batch);
    return {.inputs = {script_.input}, .outputs = {}, .effective = {{"threads", request.threads}}};
  }
  worker::InferReply Infer(const std::vector<worker::NamedTensor>& inputs, std::chrono::milliseconds) override {
    const worker::NamedTensor& input = inputs.at(0);
    std::vector<float> values(input.data.size() / sizeof(float));
    std::memcpy(values.data(), input.data.data(), input.data.size());
    script_.asked.push_back(values);
    const bool last = input.shape[3] == 3;
    std::vector<float> scores(static_cast<size_t>(input.shape[0]) * 3);
    for (size_t i = 0; i < values.size(); ++i) {
      const size_t picture = i / (3 * kPixels), at = i % (3 * kPixels);
      scores[picture * 3 + (last ? at % 3 : at / kPixels)] += values[i] / kPixels;
    }
    worker::InferReply reply;
    reply.outputs.push_back({"scores", DType::kF32, {input.shape[0], 3}, Bytes(scores)});
    if (script_.change) script_.change(reply.outputs);
    reply.run_ns = 5;
    return reply;
  }
  worker::MeasureReply Measure(const Json&, const std::vector<worker::NamedTensor>&, std::chrono::milliseconds,
                               const worker::Worker::Progress&) override {
    return {};
  }
  worker::ProfileReply Profile(int64_t, std::chrono::nanoseconds, const std::vector<worker::NamedTensor>&,
                               std::chrono::milliseconds) override {
    return {};
  }
  void Bye() override { script_.said_bye = true; }

  static std::vector<std::byte> Bytes(const std::vector<float>& values) {
    std::vector<std::byte> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }

 private:
  Script& script_;
};

class EvaluateTest : public testing::Test {
 protected:
  void Picture(const std::string& path, std::array<uint8_t, 3> colour) {
    data::Image image;
    image.Resize(6, 5);
    for (size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = colour[i % 3];
    folder_.Write(path, data::EncodePng(image));
  }
  // Seven pictures; one red one is labelled blue.
  void Usual() {
    for (const char* name : {"red/1.png", "red/2.png", "red/3.png", "blue/wrong.png"}) Picture(name, {200, 40, 20});
    for (const char* name : {"green/1.png", "green/2.png"}) Picture(name, {30, 210, 50});
    Picture("blue/1.png", {10, 20, 250});
  }
  EvaluateRequest Request() const {
    EvaluateRequest request;
    request.model = {.path = "net.onnx", .format = "onnx", .inputs = {}, .outputs = {}, .layouts = {}};
    request.engine.name = "stand-in";
    request.engine.info.reads = {"onnx"};
    request.dataset = std::make_shared<data::Dataset>(data::OpenDataset(folder_ / ""));
    request.split = data::Split::kNone;
    request.classes = {"red", "green", "blue"};
    request.pipeline = data::Preprocess{.mode = data::Preprocess::Mode::kExact,
                                        .resize_width = kSide,
                                        .resize_height = kSide,
                                        .crop_width = 0,
                                        .crop_height = 0,
                                        .scale = 1,
                                        .mean = {0, 0, 0},
                                        .std = {1, 1, 1}};
    request.batch = 4;
    return request;
  }
  Evaluation Run(const EvaluateRequest& request) {
    return Evaluate(request, [&](const worker::SpawnOptions&) { return std::make_unique<MeanColour>(script_); });
  }
  std::string Failure(const EvaluateRequest& request) {
    try {
      Run(request);
    } catch (const Error& error) {
      return std::string(CodeName(error.code())) + ": " + error.text();
    }
    return "no failure";
  }

  data::TestFolder folder_;
  Script script_;
};

TEST_F(EvaluateTest, CountsEveryPictureOnceByTheNameOfItsClass) {
  Usual();
  const Evaluation result = Run(Request());
  EXPECT_EQ(result.pictures, 7u);
  EXPECT_EQ(result.counter.examples(), 7);
  EXPECT_DOUBLE_EQ(result.counter.Top1(), 6.0 / 7);
  // In the model's order, which is not the data's.
  EXPECT_THAT(result.counter.confusion(),
              ElementsAre(ElementsAre(3, 0, 0), ElementsAre(0, 2, 0), ElementsAre(1, 0, 1)));
  EXPECT_THAT(result.broken, IsEmpty());
  EXPECT_EQ(result.output, "scores");
  EXPECT_EQ(result.run_ns, 10);
  EXPECT_TRUE(script_.said_bye);
}

TEST_F(EvaluateTest, TheLastBatchIsFilledUpAndItsRestCountsNothing) {
  Usual();
  Run(Request());
  ASSERT_EQ(script_.asked.size(), 2u);
  const std::vector<float>& last = script_.asked[1];
  ASSERT_EQ(last.size(), size_t{4} * 3 * kPixels);  // three pictures and a place
  EXPECT_GT(last[9 * kPixels - 1], 0);
  EXPECT_THAT(std::vector<float>(last.begin() + std::ptrdiff_t{9 * kPixels}, last.end()), testing::Each(0.0f));
}

TEST_F(EvaluateTest, AFixedBatchIsKept) {
  Usual();
  script_.input.shape[0] = 2;
  const Evaluation result = Run(Request());
  EXPECT_THAT(script_.batches, ElementsAre(4, 0));
  EXPECT_EQ(result.batch, 2);
  EXPECT_EQ(script_.asked.size(), 4u);
  EXPECT_EQ(result.counter.examples(), 7);
}

TEST_F(EvaluateTest, ChannelsLastGivesTheSameCounts) {
  Usual();
  const auto confusion = Run(Request()).counter.confusion();
  script_.input.shape = {kFree, kSide, kSide, 3};
  EvaluateRequest request = Request();
  request.model.layouts["image"] = "NHWC";
  EXPECT_EQ(Run(request).counter.confusion(), confusion);
}

TEST_F(EvaluateTest, NanScoresAreWrongAnswers) {
  Usual();
  script_.change = [](Outputs& outputs) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(outputs[0].data.data(), &nan, sizeof(nan));  // of the first picture of each batch
  };
  const Evaluation result = Run(Request());
  EXPECT_EQ(result.counter.with_nan(), 2);
  EXPECT_EQ(result.counter.examples(), 7);
  // The first is the blue one that was answered well, the fifth a red one.
  int64_t right = 0;
  for (size_t i = 0; i < 3; ++i) right += result.counter.confusion()[i][i];
  EXPECT_EQ(right, 4);
}

TEST_F(EvaluateTest, BrokenPicturesAreToldAndCountNothing) {
  Usual();
  folder_.Write("green/3.png", "<html>");
  EvaluateRequest request = Request();
  request.max_broken = data::MaxBroken("1");
  for (const int workers : {0, 3}) {
    request.workers = workers;
    const Evaluation result = Run(request);
    EXPECT_EQ(result.pictures, 8u);
    EXPECT_EQ(result.counter.examples(), 7);
    ASSERT_EQ(result.broken.size(), 1u);
    EXPECT_EQ(result.broken[0].first, "green/3.png");
    EXPECT_EQ(result.broken[0].second, "text (HTML or XML), not an image");
    EXPECT_DOUBLE_EQ(result.counter.Top1(), 6.0 / 7);
  }
}

TEST_F(EvaluateTest, TooManyBrokenPicturesEndItAtOnceFails) {
  Usual();
  folder_.Write("blue/0.png", "x"), folder_.Write("blue/00.png", "");
  EvaluateRequest request = Request();
  request.max_broken = data::MaxBroken("1");
  EXPECT_THAT(Failure(request), testing::AllOf(HasSubstr("usage: at least 2 of 9 pictures are broken"),
                                               HasSubstr("blue/0.png: "), HasSubstr("blue/00.png: ")));
  EXPECT_EQ(script_.asked.size(), 1u);
}

TEST_F(EvaluateTest, ReplacedPicturesAreSaid) {
  Usual();
  EvaluateRequest request = Request();
  auto dataset = std::make_shared<data::Dataset>(*request.dataset);
  data::ScanDataset(*dataset);
  request.dataset = dataset;
  EXPECT_THAT(Run(request).notes, testing::Not(testing::Contains(HasSubstr("hashes"))));
  Picture("green/2.png", {30, 211, 50});
  EXPECT_THAT(Run(request).notes, testing::Contains(HasSubstr("1 pictures are not the ones that the manifest's hashes "
                                                              "stand for: green/2.png")));
}

TEST_F(EvaluateTest, WhatIsAssumedIsSaid) {
  Usual();
  EvaluateRequest request = Request();
  request.classes.clear();
  request.pipeline.reset();
  script_.change = [](Outputs& outputs) { outputs[0].shape = {outputs[0].shape[0], 3, 1, 1}; };
  const Evaluation result = Run(request);
  const std::string notes = testing::PrintToString(result.notes);
  EXPECT_THAT(notes, HasSubstr("classes assumed"));
  EXPECT_THAT(notes, HasSubstr("pre-processing assumed"));
  EXPECT_THAT(notes, HasSubstr("layout of 'image' assumed: NCHW"));
  // The data's order is blue, green, red: only the green ones are right.
  EXPECT_THAT(result.counter.confusion()[1], ElementsAre(0, 2, 0));
  EXPECT_DOUBLE_EQ(result.counter.Top1(), (2.0 + 1) / 7);
}

TEST_F(EvaluateTest, ClassesThatTheModelDoesNotKnowFail) {
  Usual();
  Picture("grey/1.png", {9, 9, 9});
  EXPECT_THAT(Failure(Request()),
              HasSubstr("1 of 4 classes are none of the model's 3: grey; it knows red, green, blue"));
  // Without pictures in the part they do no harm.
  EvaluateRequest request = Request();
  auto dataset = std::make_shared<data::Dataset>(*request.dataset);
  for (data::Item& item : dataset->items)
    item.split = item.path == "grey/1.png" ? data::Split::kTrain : data::Split::kTest;
  request.dataset = dataset, request.split = data::Split::kTest;
  EXPECT_EQ(Run(request).counter.examples(), 7);
}

TEST_F(EvaluateTest, AClassThatTrainingCouldNotSeeCountsAsWrong) {
  Usual();
  Picture("grey/1.png", {9, 9, 9});
  EvaluateRequest request = Request();
  auto dataset = std::make_shared<data::Dataset>(*request.dataset);
  // Of every class but grey a picture is in the training part.
  std::set<int> trained;
  int64_t tested = 0;
  for (data::Item& item : dataset->items) {
    const bool train = item.path != "grey/1.png" && trained.insert(item.label).second;
    item.split = train ? data::Split::kTrain : data::Split::kTest;
    tested += train ? 0 : 1;
  }
  request.dataset = dataset, request.split = data::Split::kTest;
  const Evaluation result = Run(request);
  EXPECT_EQ(result.counter.examples(), tested);
  EXPECT_THAT(result.unseen, ElementsAre("grey"));
  EXPECT_EQ(result.counter.of_unknown(), 1);
  EXPECT_EQ(std::count_if(result.answers.begin(), result.answers.end(),
                          [](const auto& answer) { return answer.label == "grey" && !answer.right(); }),
            1);
  EXPECT_THAT(testing::PrintToString(result.notes), HasSubstr("1 of the 5 pictures is of the class 'grey'"));
}

TEST_F(EvaluateTest, OutputsThatAreNoScoresFail) {
  Usual();
  EvaluateRequest request = Request();
  request.classes = {"red", "green", "blue", "violet"};
  EXPECT_THAT(Failure(request),
              HasSubstr("the model's answer has not one number for each of 4 classes and 4 pictures; "
                        "the model's outputs: scores f32 4x3; the classes: red, green, blue, violet"));
  request = Request();
  request.output = "score";
  EXPECT_THAT(Failure(request), HasSubstr("--output 'score': the model has no such output; it has: scores f32 4x3"));

  script_.change = [](Outputs& outputs) {
    outputs.push_back(outputs[0]);
    outputs[1].name = "more";
    outputs.push_back({"features",
                       DType::kF32,
                       {outputs[0].shape[0], 2},
                       MeanColour::Bytes(std::vector<float>(static_cast<size_t>(outputs[0].shape[0]) * 2))});
  };
  request.output = "";
  EXPECT_THAT(Failure(request), HasSubstr("choose with --output: scores f32 4x3, more f32 4x3"));
  request.output = "features";
  EXPECT_THAT(Failure(request), HasSubstr("--output 'features' has not one number for each of 3 classes"));
  request.output = "more";
  EXPECT_EQ(Run(request).output, "more");
}

TEST_F(EvaluateTest, OtherInputsThanPicturesFail) {
  Usual();
  script_.input = {"ids", DType::kI64, {kFree, 128}};
  EXPECT_THAT(Failure(Request()), HasSubstr("usage: net.onnx: input 'ids': the input is 4x128: it takes no pictures"));
  script_.input = {"image", DType::kF32, {kFree, 3, 8, 8}};
  EXPECT_THAT(Failure(Request()), HasSubstr("makes pictures of 4 x 4, the input takes 8 x 8"));
  EvaluateRequest request = Request();
  request.engine.info.reads = {"tflite"};
  EXPECT_THAT(Failure(request), HasSubstr("unsupported: "));
  request.advise = [](const EngineInfo& engine, const Artifact& artifact) {
    return Advice{.command = "convert " + artifact.path + " for " + engine.name, .obstacle = ""};
  };
  EXPECT_THAT(Failure(request), HasSubstr("; convert net.onnx for "));
  request = Request();
  request.split = data::Split::kTest;
  script_ = Script();
  EXPECT_THAT(Failure(request), HasSubstr("no pictures in the test part"));
}

}  // namespace
}  // namespace bakeoff::verify
