// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Layouts, pairing of inputs and outputs, and the inputs themselves.
#include "verify/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bakeoff/error.h"
#include "core/elements.h"
#include "core/test_error.h"
#include "verify/answers.h"

namespace bakeoff::verify {
namespace {

using core::TextOf;
using testing::HasSubstr;

Ports PortsFor(const FormatId& format, const std::vector<TensorSpec>& specs,
               const std::map<std::string, std::string>& layouts = {}) {
  Artifact artifact{.path = "net." + format, .format = format, .inputs = {}, .outputs = {}, .layouts = layouts};
  std::map<std::string, Shape> shapes;
  for (const TensorSpec& spec : specs) shapes[spec.name] = spec.shape;
  return PortsOf(artifact, specs, shapes);
}

TEST(Layout, ComesFromTheUserThenTheFormat) {
  Artifact artifact{.path = "dir/net.tflite", .format = "tflite", .inputs = {}, .outputs = {}, .layouts = {}};
  EXPECT_EQ(LayoutOf(artifact, "x", 4), (Layout{"NHWC", true}));
  EXPECT_EQ(LayoutOf(artifact, "x", 2), Layout{});
  AddLayouts({{"dir/./net.tflite:in:0", "NCHW"}, {"other.onnx", "NHWC"}, {"y", "NWHC"}}, artifact);
  EXPECT_EQ(LayoutOf(artifact, "in:0", 4), (Layout{"NCHW", false}));
  EXPECT_EQ(LayoutOf(artifact, "y", 4), (Layout{"NWHC", false}));
  EXPECT_EQ(LayoutOf(artifact, "x", 4), (Layout{"NHWC", true}));
  AddLayouts({{"dir/net.tflite", "NCHW"}}, artifact);
  EXPECT_EQ(LayoutOf(artifact, "x", 4), (Layout{"NCHW", false}));
  EXPECT_THAT(TextOf([&] { LayoutOf(artifact, "y", 3); }, ErrorCode::kUsage), HasSubstr("'y'"));
  EXPECT_THAT(TextOf([&] { AddLayouts({{"x", "NHHC"}}, artifact); }, ErrorCode::kUsage), HasSubstr("each once"));
  EXPECT_THAT(TextOf([&] { AddLayouts({{"x", "nhwc"}}, artifact); }, ErrorCode::kUsage), HasSubstr("capital"));
}

TEST(Layout, AModelIsCalledByItsPathOrItsFile) {
  for (const char* whom : {"dir/net.tflite", "net.tflite", "./dir/net.tflite"}) {
    Artifact artifact{.path = "dir/net.tflite", .format = "tflite"};
    AddLayouts({{whom, "NCHW"}, {std::string(whom) + ":y:0", "NWHC"}}, artifact);
    EXPECT_EQ(LayoutOf(artifact, "x", 4), (Layout{"NCHW", false})) << whom;
    EXPECT_EQ(LayoutOf(artifact, "y:0", 4), (Layout{"NWHC", false})) << whom;
  }
  Artifact inside{.path = "dir/model.pt", .format = "torchscript", .folder = "dir"};
  AddLayouts({{"dir/", "NHWC"}}, inside);
  EXPECT_EQ(LayoutOf(inside, "x", 4), (Layout{"NHWC", false}));
}

TEST(Layout, SaidOfNobodyFails) {
  const std::vector<TensorSpec> image{{"image", DType::kF32, {1, 3, 8, 8}}}, logits{{"logits", DType::kF32, {1, 2}}};
  const Artifact known{.path = "a/net.onnx", .format = "onnx", .inputs = image, .outputs = logits};
  const Artifact unknown{.path = "b/net.tflite", .format = "tflite"};
  AskNames ask;
  const auto said = [&](const std::string& whom, const std::vector<Artifact>& models) {
    try {
      CheckLayouts({{whom, "NHWC"}}, models, ask);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage) << error.text();
      return error.text();
    }
    return std::string("accepted");
  };
  for (const char* whom : {"a/net.onnx", "net.onnx", "net.onnx:image", "b/net.tflite:anything", "anything"})
    EXPECT_EQ(said(whom, {known, unknown}), "accepted") << whom;
  EXPECT_EQ(said("logits", {known}), "accepted");
  EXPECT_THAT(said("met.tflite:image", {known, unknown}),
              HasSubstr("'met.tflite' is none of the models; they are a/net.onnx, b/net.tflite"));
  EXPECT_THAT(said("imag", {known}), HasSubstr("no input or output is called 'imag' (did you mean 'image'?)"));
  EXPECT_THAT(said("net.onnx:imag", {known, unknown}), HasSubstr("there are image, logits"));
  Artifact twin = unknown;
  twin.path = "c/net.tflite";
  EXPECT_THAT(said("net.tflite", {unknown, twin}), HasSubstr("give the path: b/net.tflite, c/net.tflite"));

  // With somebody who can read it.
  std::vector<std::string> asked;
  ask = [&](const Artifact& model) {
    asked.push_back(model.path);
    return std::optional(std::vector<std::string>{"x", "y"});
  };
  for (const char* whom : {"image", "net.onnx:image", "b/net.tflite"})
    EXPECT_EQ(said(whom, {known, unknown}), "accepted") << whom;
  EXPECT_THAT(asked, testing::IsEmpty()) << "what the host reads decides";
  EXPECT_EQ(said("b/net.tflite:x", {known, unknown}), "accepted");
  EXPECT_EQ(said("y", {known, unknown}), "accepted");
  EXPECT_THAT(said("b/net.tflite:image", {known, unknown}), HasSubstr("there are x, y"));
  EXPECT_THAT(said("z", {known, unknown}), HasSubstr("there are image, logits, x, y"));
  EXPECT_THAT(asked, testing::ElementsAre("b/net.tflite", "b/net.tflite", "b/net.tflite", "b/net.tflite"));
  ask = [](const Artifact&) { return std::optional<std::vector<std::string>>(); };
  EXPECT_EQ(said("z", {known, unknown}), "accepted") << "nobody could tell";
}

TEST(Layout, CanonicalOrderComesBack) {
  const Layout nhwc{"NHWC", false};
  std::vector<std::byte> data(2 * 4 * 5 * 3);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i);
  const auto canonical = ToCanonical(data, {2, 4, 5, 3}, DType::kU8, nhwc);
  // Element (n, h, w, c) = (1, 2, 3, 1) of the source stands at (n, c, h, w).
  EXPECT_EQ(canonical[((1 * 3 + 1) * 4 + 2) * 5 + 3], data[((1 * 4 + 2) * 5 + 3) * 3 + 1]);
  EXPECT_EQ(FromCanonical(canonical, {2, 3, 4, 5}, DType::kU8, nhwc), data);
}

TEST(Pair, FindsPartnersByNameDecorationTypeAndSize) {
  const Ports reference =
      PortsFor("onnx", {{"a", DType::kF32, {1, 4}}, {"b", DType::kI32, {1, 4}}, {"c", DType::kF32, {1, 9}}});
  const auto pairs = [&](const std::vector<TensorSpec>& specs) { return Pair(reference, PortsFor("onnx", specs)); };
  const std::vector<size_t> swapped = {1, 0, 2};
  EXPECT_EQ(pairs({{"b", DType::kI32, {1, 4}}, {"a", DType::kF32, {1, 4}}, {"c", DType::kF32, {1, 9}}}), swapped);
  EXPECT_EQ(pairs({{"serving_default_b:0", DType::kI32, {1, 4}},
                   {"serving_default_a:0", DType::kF32, {1, 4}},
                   {"c", DType::kF32, {1, 9}}}),
            swapped);
  EXPECT_EQ(pairs({{"p", DType::kI32, {1, 4}}, {"q", DType::kF32, {1, 4}}, {"r", DType::kF32, {1, 9}}}), swapped);
  EXPECT_EQ(pairs({{"p", DType::kF32, {4}}, {"q", DType::kI32, {4}}, {"r", DType::kF32, {9}}}),
            (std::vector<size_t>{0, 1, 2}));
  EXPECT_EQ(pairs({{"p", DType::kF32, {4}}, {"q", DType::kI32, {4}}}), std::nullopt);
  EXPECT_EQ(pairs({{"p", DType::kF32, {4}}, {"q", DType::kI32, {4}}, {"r", DType::kF32, {8}}}), std::nullopt);
}

// The point of it all: a model in another layout gets the same picture.
TEST(Inputs, BothLayoutsGetTheSamePicture) {
  const Ports nchw = PortsFor("onnx", {{"x", DType::kF32, {2, 3, 4, 5}}});
  const Ports nhwc = PortsFor("tflite", {{"image", DType::kF32, {2, 4, 5, 3}}});
  const InputSet one = MakeInputs(nchw, nchw, {.seed = 7});
  const InputSet other = MakeInputs(nhwc, nchw, {.seed = 7});
  EXPECT_EQ(one.canonical_sha256, other.canonical_sha256);
  EXPECT_NE(one.delivered_sha256, other.delivered_sha256);
  EXPECT_EQ(other.delivered[0].shape, (Shape{2, 4, 5, 3}));
  EXPECT_EQ(ToCanonical(other.delivered[0].data, other.delivered[0].shape, DType::kF32, nhwc[0].layout),
            one.delivered[0].data);
  EXPECT_NE(MakeInputs(nchw, nchw, {.seed = 8}).canonical_sha256, one.canonical_sha256);
  // The wrong axes are found out, not guessed at.
  const Ports wrong = PortsFor("tflite", {{"image", DType::kF32, {2, 4, 5, 3}}}, {{"image", "NCHW"}});
  EXPECT_THAT(TextOf([&] { MakeInputs(wrong, nchw, {.seed = 7}); }, ErrorCode::kMismatch), HasSubstr("--layout"));
}

TEST(Inputs, ALargerBatchBeginsWithTheSmallerOne) {
  const Ports small = PortsFor("onnx", {{"x", DType::kF32, {1, 3, 2, 2}}});
  const Ports large = PortsFor("onnx", {{"x", DType::kF32, {4, 3, 2, 2}}});
  const auto few = MakeInputs(small, small, {}).delivered[0].data;
  const auto many = MakeInputs(large, large, {}).delivered[0].data;
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

TEST(Inputs, ValuesKeepToTypesAndRanges) {
  const Ports ports = PortsFor("onnx", {{"f", DType::kF32, {1, 5000}},
                                        {"ids", DType::kI64, {1, 5000}},
                                        {"mask", DType::kI32, {1, 500}},
                                        {"u", DType::kU8, {1, 5000}}});
  const InputSet set = MakeInputs(ports, ports, {.seed = 1, .ranges = {{"ids", {0, 30521}}}, .files = {}});
  const auto values = [&](size_t i) { return core::ToDoubles(set.delivered[i].type, set.delivered[i].data); };
  const auto floats = values(0);
  double sum = 0, squares = 0;
  for (const double x : floats) {
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 5000, 0, 0.06);
  EXPECT_NEAR(std::sqrt(squares / 5000), 1, 0.06);
  const auto ids = values(1);
  EXPECT_GE(*std::min_element(ids.begin(), ids.end()), 0);
  EXPECT_LE(*std::max_element(ids.begin(), ids.end()), 30521);
  EXPECT_GT(*std::max_element(ids.begin(), ids.end()), 29000);
  const auto mask = values(2);
  EXPECT_THAT(mask, testing::Each(testing::AnyOf(0, 1)));
  const auto bytes = values(3);
  EXPECT_EQ(*std::max_element(bytes.begin(), bytes.end()), 255);
}

TEST(Inputs, WrongChoicesFail) {
  const Ports ports = PortsFor("onnx", {{"ids", DType::kI32, {1, 4}}});
  const auto refusal = [&](const InputChoices& choices) {
    return TextOf([&] { MakeInputs(ports, ports, choices); }, ErrorCode::kUsage);
  };
  EXPECT_THAT(refusal({.seed = 0, .ranges = {{"id", {0, 1}}}, .files = {}}), HasSubstr("did you mean 'ids'"));
  EXPECT_THAT(refusal({.seed = 0, .ranges = {{"ids", {0, 3e9}}}, .files = {}}), HasSubstr("outside what i32 holds"));
  EXPECT_THAT(refusal({.seed = 0, .ranges = {{"ids", {0, 0.5}}}, .files = {}}), HasSubstr("whole numbers"));
  EXPECT_THAT(refusal({.seed = 0, .ranges = {}, .files = {{"ids", {DType::kI32, {1, 5}, std::vector<std::byte>(20)}}}}),
              HasSubstr("the file is 1x5, the input 1x4"));
  EXPECT_THAT(refusal({.seed = 0, .ranges = {}, .files = {{"ids", {DType::kF32, {1, 4}, std::vector<std::byte>(16)}}}}),
              HasSubstr("the file holds f32"));
  EXPECT_THAT(refusal({.seed = 0, .ranges = {}, .files = {{"ids", {DType::kI32, {0, 4}, {}}}}}), HasSubstr("empty"));
  for (const char* text : {"5", "a..b", "3..1", "..", "0..inf"}) EXPECT_THROW(ParseRange("x", text), Error) << text;
}

TEST(Inputs, FilesAreRepeatedToTheBatchAndTurnedToTheLayout) {
  core::Array file{.type = DType::kF64, .shape = {1, 2, 1, 2}, .data = std::vector<std::byte>(32)};
  for (size_t i = 0; i < 4; ++i) core::StoreReal(DType::kF64, file.data.data(), i, static_cast<double>(i));
  const Ports nchw = PortsFor("onnx", {{"x", DType::kF32, {2, 2, 1, 2}}});
  const Ports nhwc = PortsFor("tflite", {{"image", DType::kF32, {2, 1, 2, 2}}});
  const InputChoices choices{.seed = 0, .ranges = {}, .files = {{"x", file}}};
  const auto values = [&](const Ports& ports) {
    const auto set = MakeInputs(ports, nchw, choices);
    return core::ToDoubles(DType::kF32, set.delivered[0].data);
  };
  EXPECT_THAT(values(nchw), testing::ElementsAre(0, 1, 2, 3, 0, 1, 2, 3));
  EXPECT_THAT(values(nhwc), testing::ElementsAre(0, 2, 1, 3, 0, 2, 1, 3));
}

worker::NamedTensor Floats(const std::string& name, Shape shape, const std::vector<float>& values) {
  worker::NamedTensor tensor{name, DType::kF32, std::move(shape), std::vector<std::byte>(values.size() * 4)};
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

TEST(Answers, PicturesAreComparedInOneLayout) {
  const Artifact onnx{.path = "n.onnx", .format = "onnx", .inputs = {}, .outputs = {}, .layouts = {}};
  const Artifact tflite{.path = "n.tflite", .format = "tflite", .inputs = {}, .outputs = {}, .layouts = {}};
  const Answers reference = AnswersOf(onnx, {Floats("y", {1, 2, 1, 3}, {1, 2, 3, 4, 5, 6})});
  const Check same = CompareAnswers(reference, AnswersOf(tflite, {Floats("out", {1, 1, 3, 2}, {1, 4, 2, 5, 3, 6})}),
                                    ToleranceFor("f32"));
  EXPECT_EQ(same.verdict, Verdict::kAgree) << same.reason;
  EXPECT_FALSE(same.outputs[0].difference.top1_agreement);
  const Check turned = CompareAnswers(reference, AnswersOf(onnx, {Floats("out", {1, 1, 3, 2}, {1, 4, 2, 5, 3, 6})}),
                                      ToleranceFor("f32"));
  EXPECT_EQ(turned.verdict, Verdict::kMismatch);
}

TEST(Answers, OutputsWithoutPartnersFail) {
  const Artifact onnx{.path = "n.onnx", .format = "onnx", .inputs = {}, .outputs = {}, .layouts = {}};
  const Answers reference = AnswersOf(onnx, {Floats("y", {1, 3}, {1, 2, 3})});
  EXPECT_THAT(CompareAnswers(reference, AnswersOf(onnx, {Floats("z", {1, 2}, {1, 2})}), ToleranceFor("f32")).reason,
              HasSubstr("do not correspond"));
  EXPECT_THAT(CompareAnswers(reference, AnswersOf(onnx, {Floats("y", {1, 2}, {1, 2})}), ToleranceFor("f32")).reason,
              HasSubstr("its shape is 1x2"));
}

}  // namespace
}  // namespace bakeoff::verify
