// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The random networks: the same bytes everywhere, outputs that differ, the sizes that the papers give.
//
// Golden values: `bakeoff make-model NAME F --seed 5` with the arguments below, its SHA-256, and the first and last
// three outputs that an independent runtime (the ONNX Runtime Python package 1.31.1, graph optimisation off) gives for
// two rows of the ramp input of RampInput().
#include "graph/models/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "bakeoff/error.h"
#include "core/sha256.h"
#include "core/test_folder.h"
#include "graph/census.h"
#include "graph/evaluate/evaluate.h"
#include "graph/models/random.h"
#include "graph/onnx.h"

namespace bakeoff::graph {
namespace {

constexpr int64_t kRows = 2;

std::vector<int64_t> ConcreteShape(const Value& input, int64_t rows) {
  std::vector<int64_t> dims{rows};
  for (size_t axis = 1; axis < input.shape->size(); ++axis) dims.push_back((*input.shape)[axis].Value().value());
  return dims;
}

size_t Product(const std::vector<int64_t>& dims) {
  size_t count = 1;
  for (const int64_t extent : dims) count *= static_cast<size_t>(extent);
  return count;
}

std::map<std::string, Tensor> RampInput(const Model& model) {
  std::map<std::string, Tensor> inputs;
  for (const Value* input : model.graph.inputs()) {
    const auto dims = ConcreteShape(*input, kRows);
    std::vector<float> reals;
    std::vector<int64_t> wholes;
    for (size_t k = 0; k < Product(dims); ++k) {
      reals.push_back(static_cast<float>(k * 37 % 101) / 101.0F);
      wholes.push_back(static_cast<int64_t>(k * 7 % 100));
    }
    inputs[input->name()] = input->type == ElementType::kI64 ? Tensor::I64(dims, wholes) : Tensor::F32(dims, reals);
  }
  return inputs;
}

struct Golden {
  ModelRequest request;
  const char* sha256;
  std::array<float, 6> outputs;
};

void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.request.name;
}

ModelRequest Small(const char* name, double width) {
  return {.name = name, .seed = 5, .image_size = 40, .classes = 6, .width = width};
}

const Golden kGolden[] = {
    {{.name = "mlp", .seed = 5},
     "3e570759fda099f0aeaa8bcf3cffc20a083e76ed258b30edb968d0250e9484f1",
     {0.936674F, 0.916721F, 1.049374F, 0.742325F, -1.008354F, -1.007492F}},
    {Small("resnet18", 0.25),
     "00b3244d742d27ea6dad8cdbadda24c01ae57bb32dbfb580d929a067d0432d6b",
     {-0.783903F, 0.352592F, -0.222964F, 0.134210F, -0.433507F, 0.621489F}},
    {Small("resnet50", 0.125),
     "92c274b7192fe64b16b86c73b5308e5225acd6cd43aa052a6119dcca547818b4",
     {-1.712978F, 2.662911F, -0.138471F, -2.035950F, -0.622859F, -1.841420F}},
    {Small("mobilenet_v2", 0.25),
     "a029dbf578a6dc7a677a49f0a2f59c21803c01345b3afe31c5897d982c889efe",
     {0.208891F, 0.711320F, 3.092708F, 4.101244F, 1.310988F, -3.031832F}},
    {{.name = "multi", .seed = 5},
     "e183dc457b7e516e710a2f70a74d847b129d9f05359ee836588879c5d04f27d5",
     {0.148695F, 0.164064F, -0.987100F, 1.280674F, -0.810848F, 0.666548F}},
};

class GoldenModel : public testing::TestWithParam<Golden> {};

TEST_P(GoldenModel, HasTheSameBytesAndTheIndependentRuntimesOutputs) {
  const Model model = MakeModel(GetParam().request);
  CheckOnnx(model);
  const core::TestFolder folder;
  const std::string path = folder / "golden.onnx";
  WriteOnnx(model, path);
  EXPECT_EQ(core::Sha256OfFile(path), GetParam().sha256);
  const Model read = ReadOnnx(path);
  const auto outputs = Evaluate(read.graph, RampInput(read));
  const auto values = outputs.at(read.graph.outputs().front()->name()).Floats();
  ASSERT_GE(values.size(), 6U);
  for (size_t i = 0; i < 6; ++i) {
    const float actual = i < 3 ? values[i] : values[values.size() - 6 + i];
    EXPECT_NEAR(actual, GetParam().outputs[i], 3e-4 * std::max(1.0F, std::fabs(actual))) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenModel, testing::ValuesIn(kGolden),
                         [](const auto& golden) { return golden.param.request.name; });

// Over several seeded inputs: how much each number differs between inputs, and numbers between classes, both as a share
// of the rms.
struct Spread {
  double over_inputs, over_classes;
};

Spread SpreadOf(const Model& model, uint64_t seed, bool normal) {
  constexpr int64_t kInputs = 8;
  std::map<std::string, Tensor> inputs;
  for (const Value* input : model.graph.inputs()) {
    Random random(seed, "test." + input->name());
    const auto dims = ConcreteShape(*input, kInputs);
    std::vector<int64_t> ids(Product(dims));
    for (int64_t& id : ids) id = static_cast<int64_t>(random.Next() % 100);
    const auto reals = normal ? random.Normals(ids.size(), 1) : random.Uniforms(ids.size(), 0, 1);
    inputs[input->name()] = input->type == ElementType::kI64 ? Tensor::I64(dims, ids) : Tensor::F32(dims, reals);
  }
  const auto outputs = Evaluate(model.graph, inputs);
  const Tensor& y = outputs.at(model.graph.outputs().front()->name());
  const auto classes = static_cast<size_t>(y.dims[1]), rows = static_cast<size_t>(y.dims[0]);
  double squares = 0;
  for (const float value : y.Floats()) squares += static_cast<double>(value) * value;
  const double rms = std::sqrt(squares / static_cast<double>(y.Floats().size()));
  const auto deviation = [&](size_t lines, size_t line_step, size_t count, size_t step) {
    double sum = 0;
    for (size_t line = 0; line < lines; ++line) {
      double mean = 0, square = 0;
      for (size_t i = 0; i < count; ++i) mean += y.Floats()[line * line_step + i * step] / static_cast<double>(count);
      for (size_t i = 0; i < count; ++i) square += std::pow(y.Floats()[line * line_step + i * step] - mean, 2);
      sum += std::sqrt(square / static_cast<double>(count)) / static_cast<double>(lines);
    }
    return sum / rms;
  };
  return {deviation(classes, 1, rows, classes), deviation(rows, classes, classes, 1)};
}

TEST(Models, OutputsDifferBetweenInputsAndBetweenClasses) {
  for (const ModelSpec& spec : KnownModels()) {
    for (const uint64_t seed : {1, 2, 3}) {
      for (const bool normal : {false, true}) {
        ModelRequest request{.name = std::string(spec.name), .seed = seed, .image_size = 64, .width = 0.25};
        const Spread spread = SpreadOf(MakeModel(request), seed, normal);
        const std::string what = request.name + " seed " + std::to_string(seed) + (normal ? " normal" : " uniform");
        EXPECT_GE(spread.over_inputs, 0.3) << what;
        EXPECT_GE(spread.over_classes, 0.3) << what;
      }
    }
  }
}

TEST(Models, WithoutCalibrationOutputsHardlyDiffer) {
  // The premise of the test above: it can fail.
  const Model model = MakeModel({.name = "resnet18", .seed = 1, .image_size = 64, .width = 0.25, .calibrate = false});
  EXPECT_LT(SpreadOf(model, 1, false).over_inputs, 0.3);
}

struct Published {
  const char* name;
  int64_t parameters;  // trainable
  double multiply_adds;
};

// He et al. 2015 (table 1: 1.8 G and, for the variant with the stride in the 3x3 convolution, 4.1 G), Sandler et al.
// 2018 (table 4: 300 M, 3.4 M); parameters as torchvision lists them.
constexpr Published kPublished[] = {
    {"resnet18", 11'689'512, 1.8e9}, {"resnet50", 25'557'032, 4.1e9}, {"mobilenet_v2", 3'504'872, 0.3e9}};

TEST(Models, HaveThePublishedSizes) {
  for (const Published& published : kPublished) {
    const Model model = MakeModel({.name = published.name, .batch = 1, .calibrate = false});
    const Census census = CountGraph(model.graph);
    int64_t untrained = 0;
    for (const Node& node : model.graph.nodes()) {
      if (node.Is("BatchNormalization")) untrained += node.input(3)->constant()->Count() * 2;
    }
    for (const Value& value : model.graph.values()) {
      if (value.constant() && value.constant()->dims.empty()) ++untrained;  // the bounds of ReLU6
    }
    EXPECT_EQ(census.parameters - untrained, published.parameters) << published.name;
    ASSERT_TRUE(census.multiply_adds) << published.name;
    EXPECT_NEAR(static_cast<double>(*census.multiply_adds) / published.multiply_adds, 1, 0.015) << published.name;
  }
}

TEST(Models, ABatchThatIsFixedIsInTheFile) {
  const Model model = MakeModel({.name = "mlp", .batch = 3});
  EXPECT_EQ(model.graph.outputs().front()->StaticShape(), (std::vector<int64_t>{3, 10}));
  const Model free = MakeModel({.name = "mlp"});
  EXPECT_EQ(ShapeText(*free.graph.outputs().front()->shape), "[batch, 10]");
}

TEST(Models, WrongRequestsFail) {
  const auto text = [](const ModelRequest& request) {
    try {
      MakeModel(request);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.text();
    }
    return std::string("made");
  };
  EXPECT_THAT(text({.name = "resnet81"}), testing::HasSubstr("did you mean 'resnet18'"));
  EXPECT_THAT(text({.name = "resnet18", .image_size = 8}), testing::HasSubstr("image size 8"));
  EXPECT_THAT(text({.name = "mlp", .classes = -1}), testing::HasSubstr("classes -1"));
  EXPECT_THAT(text({.name = "mlp", .width = std::nan("")}), testing::HasSubstr("width nan"));
  EXPECT_THAT(text({.name = "mlp", .batch = -2}), testing::HasSubstr("batch -2"));
}

TEST(Random, NormalsAreNormalAndStreamsDiffer) {
  Random random(1, "a");
  const auto values = random.Normals(100'000, 1);
  double mean = 0, square = 0;
  size_t beyond = 0;
  for (const float value : values) {
    mean += value / 1e5;
    square += value * value / 1e5;
    beyond += std::fabs(value) > 1.96F;
  }
  EXPECT_NEAR(mean, 0, 0.02);
  EXPECT_NEAR(square, 1, 0.03);
  EXPECT_NEAR(static_cast<double>(beyond) / 1e5, 0.05, 0.01);
  EXPECT_NE(Random(1, "a").Next(), Random(1, "b").Next());
  EXPECT_NE(Random(1, "a").Next(), Random(2, "a").Next());
}

}  // namespace
}  // namespace bakeoff::graph
