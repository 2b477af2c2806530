// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Passes: each does what it is for, keeps what is computed (checked by the reference evaluator, whose own values are
// checked against an independent runtime in models_test.cc), and leaves alone what it must not touch.
#include "graph/passes/passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bakeoff/error.h"
#include "graph/builder.h"
#include "graph/evaluate/evaluate.h"
#include "graph/models/models.h"
#include "graph/models/random.h"
#include "graph/onnx.h"

namespace bakeoff::graph {
namespace {

using testing::ElementsAre;

std::vector<std::string> Ops(const Model& model) {
  std::vector<std::string> ops;
  for (const Node& node : model.graph.nodes()) ops.push_back(node.op);
  return ops;
}

Tensor Numbers(std::vector<int64_t> dims, const char* stream) {
  size_t count = 1;
  for (const int64_t extent : dims) count *= static_cast<size_t>(extent);
  return Tensor::F32(std::move(dims), Random(1, stream).Normals(count, 1));
}

std::vector<float> Run(const Model& model, const Tensor& x) {
  const auto outputs = Evaluate(model.graph, {{"x", x}});
  const auto values = outputs.at("y").Floats();
  return {values.begin(), values.end()};
}

// Applies the pass and compares: it says whether it changed something, and the output stays, in value and in name.
void ExpectSame(Model& model, bool (*pass)(Model&), const Tensor& x, bool changes, double tolerance = 0) {
  InferShapes(model);
  const auto before = Run(model, x);
  EXPECT_EQ(pass(model), changes);
  model.graph.Validate();
  CheckOnnx(model);
  const auto after = Run(model, x);
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_NEAR(before[i], after[i], tolerance * std::max(1.0F, std::fabs(before[i])));
}

struct Fixture {
  Model model;
  Builder build{model.graph};
  Value* x;
  explicit Fixture(SymbolicShape shape) { x = build.Input("x", ElementType::kF32, std::move(shape)); }
  Value* Ints(const char* name, std::vector<int64_t> values) {
    const auto count = static_cast<int64_t>(values.size());
    return build.Constant(name, Tensor::I64({count}, std::move(values)));
  }
  Value* Transpose(Value* value, std::vector<int64_t> order) {
    Attributes attributes;
    attributes["perm"] = std::move(order);
    return build.Op("Transpose", {value}, std::move(attributes));
  }
};

TEST(DeadCode, GoesWithItsConstants) {
  Fixture f({2, 3});
  f.build.Op("Exp", {f.build.Op("Add", {f.x, f.build.Constant("unused", Numbers({3}, "a"))})});
  f.build.Output(f.build.Op("Relu", {f.x}), "y");
  ExpectSame(f.model, RemoveDeadCode, Numbers({2, 3}, "x"), true);
  EXPECT_THAT(Ops(f.model), ElementsAre("Relu"));
  EXPECT_EQ(f.model.graph.Find("unused"), nullptr);
  ExpectSame(f.model, RemoveDeadCode, Numbers({2, 3}, "x"), false);
}

TEST(Identities, AreRemovedAlsoAtTheOutput) {
  Fixture f({2, 3});
  Attributes same, one;
  same["to"] = int64_t{1};
  one["axis"] = int64_t{0};
  Value* y = f.build.Op("Identity", {f.x});
  y = f.build.Op("Concat", {f.build.Op("Cast", {y}, std::move(same))}, std::move(one));
  y = f.build.Op("Dropout", {f.build.Op("Relu", {y})});
  f.build.Output(f.build.Op("Identity", {y}), "y");
  ExpectSame(f.model, RemoveIdentities, Numbers({2, 3}, "x"), true);
  EXPECT_THAT(Ops(f.model), ElementsAre("Relu"));
}

TEST(Identities, ThatMeanSomethingStay) {
  Fixture f({2, 3});
  Attributes other;
  other["to"] = static_cast<int64_t>(ElementType::kF64);
  Value* wide = f.build.Op("Cast", {f.x}, std::move(other));
  Attributes back;
  back["to"] = int64_t{1};
  f.build.Output(f.build.Op("Cast", {wide}, std::move(back)), "y");
  f.build.Output(f.build.Op("Identity", {f.x}), "copy");  // an input cannot be an output by itself
  ExpectSame(f.model, RemoveIdentities, Numbers({2, 3}, "x"), false);
}

TEST(Einsums, ThatAreMatrixProductsBecomeThem) {
  for (const char* equation : {"bid,bjd->bij", "b i d, b j d -> b j i", "bid,bdj->bij"}) {
    Fixture f({2, 3, 3});
    Value* other = f.build.Constant("w", Numbers({2, 3, 3}, "w"));
    Attributes attributes;
    attributes["equation"] = std::string(equation);
    f.build.Output(f.build.Op("Einsum", {f.x, other}, std::move(attributes)), "y");
    InferShapes(f.model);
    EXPECT_TRUE(ExpandEinsums(f.model)) << equation;
    f.model.graph.Validate();
    InferShapes(f.model);  // the onnx library infers nothing for an Einsum with blanks
    CheckOnnx(f.model);
    const Tensor x = Numbers({2, 3, 3}, "x"), w = Numbers({2, 3, 3}, "w");
    const std::string text = equation;
    const bool second_is_transposed = text.find("bdj") == std::string::npos;
    const bool result_is_transposed = text.find("b j i") != std::string::npos;
    const auto y = graph::Run(f.model, x);
    for (size_t b = 0; b < 2; ++b) {
      for (size_t i = 0; i < 3; ++i) {
        for (size_t j = 0; j < 3; ++j) {
          double sum = 0;
          for (size_t d = 0; d < 3; ++d) {
            sum += x.Floats()[b * 9 + i * 3 + d] * w.Floats()[b * 9 + (second_is_transposed ? j * 3 + d : d * 3 + j)];
          }
          EXPECT_NEAR(y[b * 9 + (result_is_transposed ? j * 3 + i : i * 3 + j)], sum, 1e-5) << equation;
        }
      }
    }
  }
}

TEST(Einsums, OfOtherKindsStay) {
  for (const char* equation : {"bii,bjd->bjd", "bid,bjk->bij", "...id,...jd->...ij"}) {
    Fixture f({2, 3, 3});
    Attributes attributes;
    attributes["equation"] = std::string(equation);
    f.build.Output(f.build.Op("Einsum", {f.x, f.build.Constant("w", Numbers({2, 3, 3}, "w"))}, std::move(attributes)),
                   "y");
    EXPECT_FALSE(ExpandEinsums(f.model)) << equation;
  }
}

TEST(Constants, AreFoldedUpToTheInputs) {
  Fixture f({2, 3});
  Value* sum = f.build.Op("Add", {f.build.Constant("a", Numbers({3}, "a")), f.build.Constant("b", Numbers({3}, "b"))});
  f.build.Output(f.build.Op("Mul", {f.x, f.build.Op("Neg", {sum})}), "y");
  ExpectSame(f.model, FoldConstants, Numbers({2, 3}, "x"), true);
  EXPECT_THAT(Ops(f.model), ElementsAre("Mul"));
}

TEST(Constants, ShapeComputationsOfTracedNetworksGo) {
  // Reshape(x, Concat(Unsqueeze(Gather(Shape(x), 0)), [-1])): batch free, the rest known.
  Fixture f({Dim::Symbol("batch"), 2, 3});
  Value* shape = f.build.Op("Shape", {f.x});
  Attributes gather, concat;
  gather["axis"] = int64_t{0};
  concat["axis"] = int64_t{0};
  Value* two = f.build.Op("Gather", {shape, f.build.Constant("one", Tensor::I64({}, {1}))}, std::move(gather));
  Value* three = f.build.Op("Slice", {shape, f.Ints("from", {-1}), f.Ints("to", {100})});
  Value* six = f.build.Op("Mul", {f.build.Op("Unsqueeze", {two, f.Ints("zero", {0})}), three});
  Value* target = f.build.Op("Concat", {f.Ints("open", {-1}), six}, std::move(concat));
  f.build.Output(f.build.Op("Reshape", {f.x, target}), "y");
  ExpectSame(f.model, FoldConstants, Numbers({4, 2, 3}, "x"), true);
  RemoveDeadCode(f.model);
  EXPECT_THAT(Ops(f.model), ElementsAre("Reshape"));
}

TEST(Constants, WhatDependsOnAFreeExtentStays) {
  Fixture f({Dim::Symbol("batch"), 2});
  Value* shape = f.build.Op("Shape", {f.x});
  f.build.Output(f.build.Op("Reshape", {f.x, shape}), "y");
  ExpectSame(f.model, FoldConstants, Numbers({4, 2}, "x"), false);
}

TEST(Constants, DefaultsOfInputsAndLargeResultsStay) {
  Fixture f({1});
  Value* given = f.build.Input("given", ElementType::kF32, {1});
  f.model.graph.SetConstant(*given, Numbers({1}, "g"));
  Value* large = f.build.Op("Expand", {f.build.Constant("seed", Numbers({1}, "s")), f.Ints("size", {1 << 20})});
  Value* y = f.build.Op("Mul", {f.build.Op("Add", {f.x, f.build.Op("Neg", {given})}), large});
  f.build.Output(y, "y");
  ExpectSame(f.model, FoldConstants, Numbers({1}, "x"), false);
}

Value* Norm(Fixture& f, Value* x, int64_t channels, const char* name) {
  std::vector<float> variance = Random(2, name).Uniforms(static_cast<size_t>(channels), 0.2F, 3);
  return f.build.Op("BatchNormalization",
                    {x, f.build.Constant(std::string(name) + ".scale", Numbers({channels}, "scale")),
                     f.build.Constant(std::string(name) + ".shift", Numbers({channels}, "shift")),
                     f.build.Constant(std::string(name) + ".mean", Numbers({channels}, "mean")),
                     f.build.Constant(std::string(name) + ".variance", Tensor::F32({channels}, std::move(variance)))},
                    {}, name);
}

TEST(BatchNorms, FoldIntoConvolutionsWithGroupsAndBias) {
  for (const bool bias : {false, true}) {
    Fixture f({2, 4, 5, 6});
    Attributes attributes;
    attributes["group"] = int64_t{2};
    std::vector<Value*> inputs{f.x, f.build.Constant("w", Numbers({6, 2, 3, 3}, "w"))};
    if (bias) inputs.push_back(f.build.Constant("b", Numbers({6}, "b")));
    f.build.Output(Norm(f, f.build.Op("Conv", inputs, std::move(attributes)), 6, "norm"), "y");
    ExpectSame(f.model, FoldBatchNorms, Numbers({2, 4, 5, 6}, "x"), true, 1e-5);
    EXPECT_THAT(Ops(f.model), ElementsAre("Conv"));
  }
}

TEST(BatchNorms, WhoseConvolutionIsSeenElsewhereStay) {
  Fixture f({1, 2, 3, 3});
  Value* y = f.build.Op("Conv", {f.x, f.build.Constant("w", Numbers({2, 2, 1, 1}, "w"))});
  f.build.Output(f.build.Op("Add", {y, Norm(f, y, 2, "norm")}), "y");
  ExpectSame(f.model, FoldBatchNorms, Numbers({1, 2, 3, 3}, "x"), false);
}

TEST(BatchNorms, WeightsThatAreSharedKeepTheirOtherUser) {
  Fixture f({1, 2, 3, 3});
  Value* weight = f.build.Constant("w", Numbers({2, 2, 1, 1}, "w"));
  Value* first = Norm(f, f.build.Op("Conv", {f.x, weight}), 2, "norm");
  f.build.Output(f.build.Op("Add", {first, f.build.Op("Conv", {f.x, weight})}), "y");
  ExpectSame(f.model, FoldBatchNorms, Numbers({1, 2, 3, 3}, "x"), true, 1e-5);
}

TEST(Movement, TransposesThatCancelGo) {
  Fixture f({2, 3, 4});
  Value* there = f.Transpose(f.x, {1, 2, 0});
  f.build.Output(f.build.Op("Relu", {f.Transpose(there, {2, 0, 1})}), "y");
  ExpectSame(f.model, CancelMovement, Numbers({2, 3, 4}, "x"), true);
  RemoveDeadCode(f.model);
  EXPECT_THAT(Ops(f.model), ElementsAre("Relu"));
}

TEST(Movement, OtherTransposesBecomeOne) {
  // Applied twice this order is not the identity; a wrong direction of composition would show.
  Fixture f({2, 3, 4});
  f.build.Output(f.Transpose(f.Transpose(f.x, {1, 2, 0}), {0, 2, 1}), "y");
  ExpectSame(f.model, CancelMovement, Numbers({2, 3, 4}, "x"), true);
  RemoveDeadCode(f.model);
  EXPECT_THAT(Ops(f.model), ElementsAre("Transpose"));
}

TEST(Movement, ReshapesBecomeOneOrNone) {
  Fixture f({Dim::Symbol("n"), 6});
  Value* first = f.build.Op("Reshape", {f.x, f.Ints("a", {-1, 2, 3})});
  Value* second = f.build.Op("Reshape", {first, f.Ints("b", {-1, 6})});
  f.build.Output(f.build.Op("Relu", {second}), "y");
  ExpectSame(f.model, CancelMovement, Numbers({2, 6}, "x"), true);
  RemoveDeadCode(f.model);
  EXPECT_THAT(Ops(f.model), ElementsAre("Relu"));
}

TEST(Movement, AZeroThatCopiesAnExtentKeepsItsReshape) {
  Fixture f({2, 6});
  Value* first = f.build.Op("Reshape", {f.x, f.Ints("a", {3, 4})});
  f.build.Output(f.build.Op("Reshape", {first, f.Ints("b", {0, 2, 2})}), "y");
  ExpectSame(f.model, CancelMovement, Numbers({2, 6}, "x"), false);
}

TEST(Passes, TogetherKeepWholeNetworks) {
  for (const char* name : {"resnet18", "mobilenet_v2"}) {
    Model model = MakeModel({.name = name, .seed = 3, .image_size = 40, .classes = 7, .width = 0.25});
    const Tensor x = Tensor::F32({2, 3, 40, 40}, Random(1, "x").Uniforms(9600, 0, 1));
    const auto before = Evaluate(model.graph, {{"input", x}});
    RunPasses(model);
    CheckOnnx(model);
    EXPECT_THAT(Ops(model), testing::Not(testing::Contains("BatchNormalization"))) << name;
    const auto after = Evaluate(model.graph, {{"input", x}});
    const auto a = before.at("logits").Floats(), b = after.at("logits").Floats();
    double largest = 0;
    for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, static_cast<double>(std::fabs(a[i])));
    for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4 * largest) << name;
  }
}

TEST(Passes, OldOpsetsFail) {
  Model model = MakeModel({.name = "mlp"});
  model.opsets[""] = 11;
  try {
    RunPasses(model);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.text(), testing::HasSubstr("opset 11"));
  }
}

}  // namespace
}  // namespace bakeoff::graph
