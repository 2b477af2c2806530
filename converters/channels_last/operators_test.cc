// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Every operator family, from ONNX to each target: one small model per family with an output per operator, which
// `bakeoff convert` verifies against an engine that reads ONNX.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <variant>

#include "bakeoff/json.h"
#include "core/test_folder.h"
#include "graph/builder.h"
#include "graph/onnx.h"
#include "graph/shapes.h"

namespace bakeoff::channels_last {
namespace {

namespace fs = std::filesystem;
using graph::Builder;
using graph::Dim;
using graph::Tensor;
using graph::Value;

// Repeatable numbers that differ from each other, without a distribution's cost.
Tensor Weights(std::vector<int64_t> dims, double scale = 1) {
  int64_t count = 1;
  for (const int64_t extent : dims) count *= extent;
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(scale * std::sin(0.7 + 1.9 * static_cast<double>(i))));
  return Tensor::F32(std::move(dims), std::move(values));
}

// Attributes own subgraphs and so cannot be copied out of a braced list; these can.
using Setting = std::pair<const char*, std::variant<int64_t, std::vector<int64_t>, std::string>>;
using Settings = std::vector<Setting>;

// A model under construction with one input x of batch x 6 x 9 x 7: nothing is square, nothing a power of two.
class Family {
 public:
  explicit Family(graph::SymbolicShape shape = {Dim::Symbol("batch"), 6, 9, 7}) : build_(model_.graph) {
    x = build_.Input("x", graph::ElementType::kF32, std::move(shape));
  }

  Value* Op(std::string op, std::vector<Value*> inputs, const Settings& settings = {}) {
    graph::Attributes attributes;
    for (const auto& [name, setting] : settings)
      std::visit([&, key = name](const auto& value) { attributes.emplace(key, value); }, setting);
    const std::string name = fmt::format("{}.{}", op, ++nodes_);
    return build_.Op(std::move(op), std::move(inputs), std::move(attributes), name);
  }
  Value* Constant(Tensor tensor) { return build_.Constant(fmt::format("c{}", ++constants_), std::move(tensor)); }
  Value* Floats(std::vector<int64_t> dims, double scale = 1) { return Constant(Weights(std::move(dims), scale)); }
  Value* Number(float value) { return Constant(Tensor::Scalar(value)); }
  Value* Ints(std::vector<int64_t> values) {
    const auto count = static_cast<int64_t>(values.size());
    return Constant(Tensor::I64({count}, std::move(values)));
  }
  void Out(Value* value, std::string name) { build_.Output(value, std::move(name)); }
  graph::Model& model() { return model_; }

  Value* x;

 private:
  graph::Model model_;
  Builder build_;
  int constants_ = 0, nodes_ = 0;
};

class ConvertsTo : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const char* bin = std::getenv("BAKEOFF_BIN");
    ASSERT_NE(bin, nullptr);
    bin_ = bin;
    const std::string engine = std::string(GetParam()) == "tflite" ? "litert" : "tensorflow";
    for (const char* name : {"bakeoff", "bakeoff-engine-onnxruntime"}) {
      if (!fs::exists(bin_ / name)) GTEST_SKIP() << name << " is not in this build";
    }
    if (!fs::exists(bin_ / ("bakeoff-engine-" + engine))) GTEST_SKIP() << engine << " is not in this build";
  }

  int Convert(Family& family) {
    graph::InferShapes(family.model());
    graph::CheckOnnx(family.model());
    graph::WriteOnnx(family.model(), (folder_ / "net.onnx").string());
    const std::string command =
        fmt::format("cd '{}' && '{}' convert net.onnx net.out --to {} --seeds 1 --json row.json > log 2>&1",
                    folder_.path().string(), (bin_ / "bakeoff").string(), GetParam());
    const int status = std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string Text(const char* name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void Verifies(Family& family) {
    ASSERT_EQ(Convert(family), 0) << Text("log");
    EXPECT_EQ(Json::parse(Text("row.json")).at("rows").at(0).at("status"), "verified") << Text("log");
  }

  fs::path bin_;
  const core::TestFolder folder_;
};

using Ints = std::vector<int64_t>;

TEST_P(ConvertsTo, Convolutions) {
  Family f;
  f.Out(f.Op("Conv", {f.x, f.Floats({4, 6, 3, 3}), f.Floats({4})}, {{"pads", Ints{1, 1, 1, 1}}}), "same");
  f.Out(f.Op("Conv", {f.x, f.Floats({4, 6, 3, 2})}, {{"strides", Ints{2, 1}}, {"pads", Ints{0, 1, 2, 0}}}), "uneven");
  f.Out(f.Op("Conv", {f.x, f.Floats({4, 6, 2, 2})}, {{"dilations", Ints{2, 3}}}), "dilated");
  f.Out(f.Op("Conv", {f.x, f.Floats({6, 1, 3, 3}), f.Floats({6})}, {{"group", int64_t{6}}, {"strides", Ints{2, 2}}}),
        "depthwise");
  f.Out(f.Op("Conv", {f.x, f.Floats({12, 1, 3, 3})}, {{"group", int64_t{6}}, {"pads", Ints{1, 1, 1, 1}}}),
        "multiplied");
  f.Out(f.Op("Conv", {f.x, f.Floats({4, 3, 3, 3})}, {{"group", int64_t{2}}}), "grouped");
  Verifies(f);
}

TEST_P(ConvertsTo, DepthwiseConvolutionsWithUnequalSteps) {
  Family f;
  f.Out(f.Op("Conv", {f.x, f.Floats({6, 1, 3, 3}), f.Floats({6})}, {{"group", int64_t{6}}, {"strides", Ints{2, 1}}}),
        "steps");
  f.Out(f.Op("Conv", {f.x, f.Floats({12, 1, 3, 2})},
             {{"group", int64_t{6}}, {"strides", Ints{1, 2}}, {"pads", Ints{1, 0, 2, 1}}}),
        "multiplied");
  f.Out(f.Op("Conv", {f.x, f.Floats({6, 1, 2, 3})}, {{"group", int64_t{6}}, {"dilations", Ints{3, 1}}}), "dilated");
  Verifies(f);
}

TEST_P(ConvertsTo, TransposedConvolutions) {
  Family f;
  f.Out(f.Op("ConvTranspose", {f.x, f.Floats({6, 4, 3, 2}), f.Floats({4})}, {{"strides", Ints{2, 3}}}), "whole");
  f.Out(f.Op("ConvTranspose", {f.x, f.Floats({6, 3, 3, 3})},
             {{"strides", Ints{2, 2}}, {"pads", Ints{1, 0, 1, 1}}, {"output_padding", Ints{1, 0}}}),
        "cut");
  f.Out(f.Op("ConvTranspose", {f.x, f.Floats({6, 3, 2, 2}), f.Floats({3})},
             {{"strides", Ints{3, 2}}, {"output_padding", Ints{2, 1}}}),
        "more");
  Verifies(f);
}

TEST_P(ConvertsTo, WindowsOverOneAxis) {
  Family f;
  Value* line = f.Op("Reshape", {f.x, f.Ints({0, 6, 63})});
  f.Out(f.Op("Conv", {line, f.Floats({4, 6, 5}), f.Floats({4})}, {{"strides", Ints{2}}, {"pads", Ints{2, 1}}}), "conv");
  f.Out(f.Op("Conv", {line, f.Floats({6, 1, 3})}, {{"group", int64_t{6}}, {"dilations", Ints{2}}}), "depthwise");
  f.Out(f.Op("ConvTranspose", {line, f.Floats({6, 2, 3})}, {{"strides", Ints{2}}, {"pads", Ints{1, 1}}}), "wider");
  f.Out(f.Op("MaxPool", {line}, {{"kernel_shape", Ints{3}}, {"strides", Ints{2}}}), "most");
  f.Out(f.Op("AveragePool", {line}, {{"kernel_shape", Ints{4}}, {"pads", Ints{1, 2}}}), "average");
  f.Out(f.Op("GlobalAveragePool", {line}), "all");
  Verifies(f);
}

TEST_P(ConvertsTo, Sizes) {
  Family f;
  const auto batch = [&](Value* like) { return f.Op("Gather", {f.Op("Shape", {like}), f.Ints({0})}); };
  const auto sizes = [&](std::vector<int64_t> rest) {
    return std::vector<Value*>{f.x, nullptr, nullptr,
                               f.Op("Concat", {batch(f.x), f.Ints(std::move(rest))}, {{"axis", int64_t{0}}})};
  };
  f.Out(f.Op("Resize", sizes({6, 18, 21}), {{"mode", "linear"}, {"coordinate_transformation_mode", "half_pixel"}}),
        "half");
  f.Out(f.Op("Resize", sizes({6, 5, 16}), {{"mode", "linear"}, {"coordinate_transformation_mode", "align_corners"}}),
        "corners");
  f.Out(f.Op("Resize", sizes({6, 4, 14}), {{"mode", "linear"}, {"coordinate_transformation_mode", "asymmetric"}}),
        "plain");
  const Settings nearest{
      {"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}};
  f.Out(f.Op("Resize", {f.x, nullptr, f.Constant(Tensor::F32({4}, {1, 1, 2, 3}))}, nearest), "nearest");
  f.Out(f.Op("Resize", sizes({6, 4, 20}), nearest), "smaller");
  Verifies(f);
}

TEST_P(ConvertsTo, WindowsOverOneFreeAxis) {
  Family f({Dim::Symbol("batch"), 6, Dim::Symbol("length")});
  f.Out(f.Op("Conv", {f.x, f.Floats({4, 6, 5}), f.Floats({4})}, {{"strides", Ints{2}}, {"pads", Ints{2, 2}}}), "conv");
  f.Out(f.Op("MaxPool", {f.x}, {{"kernel_shape", Ints{3}}, {"strides", Ints{2}}}), "most");
  Verifies(f);
}

TEST_P(ConvertsTo, FreeHeightAndWidth) {
  Family f({Dim::Symbol("batch"), 6, Dim::Symbol("height"), Dim::Symbol("width")});
  f.Out(f.Op("MaxPool", {f.x}, {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"ceil_mode", int64_t{1}}}),
        "ceiled");
  f.Out(f.Op("MaxPool", {f.x},
             {{"kernel_shape", Ints{2, 3}},
              {"strides", Ints{2, 3}},
              {"pads", Ints{1, 0, 0, 0}},
              {"ceil_mode", int64_t{1}}}),
        "padded");
  f.Out(f.Op("Resize", {f.x, nullptr, f.Constant(Tensor::F32({4}, {1, 1, 2, 2}))},
             {{"mode", "linear"}, {"coordinate_transformation_mode", "half_pixel"}}),
        "twice");
  const auto sized = [&](std::vector<int64_t> channels) {
    Value* all = f.Op("Shape", {f.x});
    const auto part = [&](int64_t axis) { return f.Op("Gather", {all, f.Ints({axis})}); };
    return f.Op("Concat", {part(0), f.Ints(std::move(channels)), part(2), part(3)}, {{"axis", int64_t{0}}});
  };
  Value* apart = f.Op("Transpose", {f.Op("Reshape", {f.x, sized({2, 3})})}, {{"perm", Ints{0, 2, 1, 3, 4}}});
  f.Out(f.Op("Reshape", {apart, sized({6})}), "shuffled");
  Verifies(f);
}

TEST_P(ConvertsTo, Pools) {
  Family f;
  const Settings padded{{"kernel_shape", Ints{3, 2}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 0, 1, 1}}};
  f.Out(f.Op("MaxPool", {f.x}, padded), "max");
  f.Out(f.Op("AveragePool", {f.x}, padded), "average");
  Settings counted = padded;
  counted.emplace_back("count_include_pad", int64_t{1});
  f.Out(f.Op("AveragePool", {f.x}, counted), "counted");
  f.Out(f.Op("AveragePool", {f.x}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", int64_t{1}}}),
        "ceiled");
  f.Out(f.Op("GlobalAveragePool", {f.x}), "all");
  f.Out(f.Op("GlobalMaxPool", {f.x}), "most");
  Verifies(f);
}

TEST_P(ConvertsTo, Activations) {
  Family f;
  for (const char* op : {"Relu", "Sigmoid", "Tanh", "HardSwish", "LeakyRelu", "Elu", "HardSigmoid"})
    f.Out(f.Op(op, {f.x}), op);
  f.Out(f.Op("Clip", {f.x, f.Number(0), f.Number(6)}), "six");
  f.Out(f.Op("Clip", {f.x, f.Number(-1), f.Number(1)}), "one");
  f.Out(f.Op("Clip", {f.x, f.Number(-0.25F), f.Number(0.5F)}), "odd");
  f.Out(f.Op("PRelu", {f.x, f.Floats({6, 1, 1})}), "slopes");
  Value* erf = f.Op("Erf", {f.Op("Div", {f.x, f.Number(static_cast<float>(std::sqrt(2.0)))})});
  f.Out(f.Op("Mul", {f.Op("Mul", {f.x, f.Op("Add", {erf, f.Number(1)})}), f.Number(0.5F)}), "gelu");
  f.Out(f.Op("Erf", {f.x}), "erf");
  f.Out(f.Op("Softplus", {f.Op("Mul", {f.x, f.Number(30)})}), "softplus");
  Verifies(f);
}

TEST_P(ConvertsTo, Arithmetic) {
  Family f;
  Value* c = f.Floats({6, 1, 1});
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Max", "Min"}) f.Out(f.Op(op, {f.x, c}), op);
  Value* positive = f.Op("Add", {f.Op("Mul", {f.x, f.x}), f.Number(0.1F)});
  for (const char* op : {"Sqrt", "Log", "Reciprocal"}) f.Out(f.Op(op, {positive}), op);
  for (const char* op : {"Exp", "Neg", "Abs", "Floor", "Ceil", "Sin"}) f.Out(f.Op(op, {f.x}), op);
  f.Out(f.Op("Pow", {positive, f.Number(1.5F)}), "power");
  f.Out(f.Op("Where", {f.Op("Greater", {f.x, c}), f.x, f.Op("Neg", {f.x})}), "where");
  Value* either = f.Op("Or", {f.Op("Less", {f.x, c}), f.Op("Not", {f.Op("LessOrEqual", {f.x, f.Number(0.5F)})})});
  f.Out(f.Op("Where", {f.Op("And", {either, f.Op("GreaterOrEqual", {f.x, f.Number(-1)})}), f.x, c}), "logic");
  Verifies(f);
}

TEST_P(ConvertsTo, Products) {
  Family f;
  Value* rows = f.Op("Reshape", {f.x, f.Ints({0, 6, 63})});
  f.Out(f.Op("MatMul", {rows, f.Floats({63, 5}, 0.2)}), "by_constant");
  f.Out(f.Op("Add", {f.Op("MatMul", {rows, f.Floats({63, 4}, 0.2)}), f.Floats({4})}), "biased");
  f.Out(f.Op("MatMul", {rows, f.Op("Transpose", {rows}, {{"perm", Ints{0, 2, 1}}})}), "batched");
  Value* flat = f.Op("Flatten", {f.x});
  f.Out(f.Op("Gemm", {flat, f.Floats({3, 378}, 0.1), f.Floats({3})}, {{"transB", int64_t{1}}}), "gemm");
  Verifies(f);
}

TEST_P(ConvertsTo, Movement) {
  Family f;
  f.Out(f.Op("Transpose", {f.x}, {{"perm", Ints{0, 2, 1, 3}}}), "transposed");
  f.Out(f.Op("Reshape", {f.x, f.Ints({0, 3, 2, 63})}), "reshaped");
  f.Out(f.Op("Concat", {f.x, f.Op("Neg", {f.x})}, {{"axis", int64_t{1}}}), "joined");
  f.Out(f.Op("Slice", {f.x, f.Ints({1, -5}), f.Ints({9, 100}), f.Ints({2, 3}), f.Ints({2, 1})}), "sliced");
  f.Out(f.Op("Pad", {f.x, f.Ints({0, 0, 1, 2, 0, 1, 0, 3}), f.Number(0.5F)}), "padded");
  f.Out(f.Op("Pad", {f.x, f.Ints({0, 0, 2, 1, 0, 0, 1, 3})}, {{"mode", "reflect"}}), "reflected");
  f.Out(f.Op("Gather", {f.x, f.Ints({4, -1, 0})}, {{"axis", int64_t{1}}}), "gathered");
  f.Out(f.Op("Unsqueeze", {f.Op("ReduceMean", {f.x}, {{"axes", Ints{2, 3}}, {"keepdims", int64_t{0}}}), f.Ints({1})}),
        "raised");
  Verifies(f);
}

TEST_P(ConvertsTo, Reductions) {
  Family f;
  for (const char* op : {"ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2"})
    f.Out(f.Op(op, {f.x}, {{"axes", Ints{1, 3}}, {"keepdims", int64_t{0}}}), op);
  f.Out(f.Op("ReduceSum", {f.x, f.Ints({2})}), "sum");
  f.Out(f.Op("Softmax", {f.Op("Mul", {f.x, f.Number(3)})}, {{"axis", int64_t{1}}}), "softmax");
  f.Out(f.Op("LayerNormalization", {f.x, f.Floats({7}), f.Floats({7})}, {{"axis", int64_t{-1}}}), "normal");
  Verifies(f);
}

TEST_P(ConvertsTo, OperatorsWithoutAPlaceFails) {
  Family f;
  f.Out(f.Op("Det", {f.Op("Slice", {f.x, f.Ints({0, 0}), f.Ints({3, 3}), f.Ints({2, 3})})}), "det");
  f.Out(f.Op("Acosh", {f.Op("Add", {f.Op("Abs", {f.x}), f.Number(2)})}), "acosh");
  EXPECT_EQ(Convert(f), 3) << Text("log");
  const std::string said = Text("log");
  EXPECT_NE(said.find("Det"), std::string::npos) << said;
  EXPECT_NE(said.find("Acosh"), std::string::npos) << said;
  EXPECT_FALSE(fs::exists(folder_ / "net.out"));
}

INSTANTIATE_TEST_SUITE_P(Targets, ConvertsTo, testing::Values("tflite", "savedmodel"),
                         [](const auto& target) { return std::string(target.param); });

}  // namespace
}  // namespace bakeoff::channels_last
