// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Small programs, written as source text: what LibTorch answers is what the graph answers, run by our own evaluator.
#include "converters/torchscript_to_onnx/import.h"

#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bakeoff/error.h"
#include "graph/evaluate/evaluate.h"
#include "graph/onnx.h"

namespace bakeoff::torchscript {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

torch::jit::Module Program(const std::string& body, const std::string& arguments = "x") {
  torch::jit::Module module("m");
  module.define("def forward(self, " + arguments + "):\n" + body);
  return module;
}

graph::Tensor FromTorch(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  const auto* data = dense.const_data_ptr<float>();
  return graph::Tensor::F32(tensor.sizes().vec(), std::vector<float>(data, data + dense.numel()));
}

graph::Model Imported(const torch::jit::Module& module, Shape shape, int64_t opset = 17) {
  ImportResult result =
      ImportTorchScript(module.deepcopy(), {.inputs = {{"x", DType::kF32, shape}}, .outputs = {}, .opset = opset});
  graph::CheckOnnx(result.model);
  return std::move(result.model);
}

// Largest difference between program and graph on an input of this shape.
double Difference(torch::jit::Module module, const graph::Model& model, const std::vector<int64_t>& shape) {
  at::manual_seed(7);
  const at::Tensor x = at::randn(shape);
  const at::Tensor want = module.forward({x.clone()}).toTensor();
  const auto answers = graph::Evaluate(model.graph, {{"x", FromTorch(x)}});
  const graph::Tensor& got = answers.at("output");
  EXPECT_EQ(got.dims, want.sizes().vec());
  if (got.dims != want.sizes().vec()) return INFINITY;
  const auto numbers = got.Floats();
  const at::Tensor flat = want.contiguous().to(at::kFloat).flatten();
  double largest = 0;
  for (size_t i = 0; i < numbers.size(); ++i)
    largest =
        std::max(largest, std::abs(static_cast<double>(numbers[i]) - flat[static_cast<int64_t>(i)].item<double>()));
  return largest;
}

struct Case {
  const char* name;
  const char* body;
  std::vector<int64_t> shape;
};

class Operators : public ::testing::TestWithParam<Case> {};

TEST_P(Operators, AnswerAsInLibTorchAtAnotherBatch) {
  const torch::jit::Module module = Program(GetParam().body);
  for (const int64_t opset : {13, 17, 18, 21}) {
    SCOPED_TRACE(opset);
    const graph::Model model = Imported(module, GetParam().shape, opset);
    for (const int64_t batch : {1, 2, 5}) {
      std::vector<int64_t> shape = GetParam().shape;
      shape[0] = batch;
      EXPECT_LT(Difference(module, model, shape), 2e-5) << "batch " << batch;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Everything, Operators,
    ::testing::Values(
        Case{"Activations",
             "    return torch.hardswish(x) + torch.silu(x) + torch.gelu(x) + torch.hardsigmoid(x)\n",
             {1, 3, 4, 5}},
        Case{"InPlaceIsSeenByWhoeverHoldsTheTensor",
             "    y = x + 1\n    z = y\n    y.relu_()\n    return z + y\n",
             {1, 6}},
        Case{"ScalarsTakeTheTensorsType", "    return 1 - x * 2 + x / 3 - torch.rsub(x, 2, alpha=3)\n", {1, 6}},
        Case{"ComparisonSelects", "    return torch.where(x > 0.5, x, x * x).masked_fill(x < -1, 4.0)\n", {1, 8}},
        Case{"FlattenOfTheMiddle", "    return torch.flatten(x, 1, 2)\n", {1, 2, 3, 4}},
        Case{"ReshapeWithTheBatchInFront", "    return x.view(x.size(0), -1, 2)\n", {1, 4, 6}},
        Case{"ReshapeWithTheBatchInside", "    return x.reshape(x.size(0) * 2, -1)\n", {1, 4, 6}},
        Case{"ChannelShuffle",
             "    b, c, h, w = x.size(0), x.size(1), x.size(2), x.size(3)\n    y = x.view(b, 2, c // 2, h, w)\n"
             "    return torch.transpose(y, 1, 2).contiguous().view(b, c, h, w)\n",
             {1, 4, 3, 5}},
        Case{"Parts", "    return x[:, 1:, ::2] + x[:, 0].unsqueeze(1)[:, :, 1::2]\n", {1, 3, 6}},
        Case{"Rolled", "    return torch.roll(x, [1, -2], [1, 2])\n", {1, 4, 5}},
        Case{"PoolToOne", "    return torch.adaptive_avg_pool2d(x, [1, 1]).flatten(1)\n", {1, 2, 6, 8}},
        Case{"PoolThatDivides", "    return torch.adaptive_avg_pool2d(x, [3, 2])\n", {1, 2, 6, 8}},
        Case{"MeanOfAxes", "    return x.mean([2, 3], True) + x.sum([1], True)\n", {1, 2, 3, 4}},
        Case{"Softmax", "    return torch.softmax(x, 1)\n", {1, 5}},
        Case{"MatrixProducts", "    return torch.matmul(x, x.transpose(1, 2))\n", {1, 3, 4}},
        Case{"MaskFilledInPlaceIsAConstant",
             "    m = torch.zeros([4, 6])\n    m[1:3, 2:4].fill_(1.0)\n    return x * m\n",
             {1, 4, 6}},
        Case{"LayerNorm",
             "    return torch.layer_norm(x, [3, 5], torch.full([3, 5], 1.5), torch.full([3, 5], 0.25), 0.001)\n",
             {1, 4, 3, 5}},
        Case{"PaddedWithANumberAndCut", "    return torch.constant_pad_nd(x, [1, 2, -1, 3], 0.5)\n", {1, 2, 4, 5}},
        Case{"PaddedByReflection", "    return torch.pad(x, [2, 1, 1, 2], \"reflect\")\n", {1, 2, 4, 5}},
        Case{"Chunks", "    a, b = torch.chunk(x, 2, 1)\n    return a * 2 + b\n", {1, 6, 3}},
        Case{"PartsOfUnequalSize",
             "    a, b = torch.split_with_sizes(x, [1, 3], 1)\n    return torch.cat([b, a], 1)\n",
             {1, 4, 3}},
        Case{"Repeated", "    return x.repeat([1, 2, 3])\n", {1, 2, 3}},
        Case{"NearestTwice", "    return torch.upsample_nearest2d(x, None, [2.0, 3.0])\n", {1, 2, 3, 4}},
        Case{"BilinearToASize", "    return torch.upsample_bilinear2d(x, [7, 5], False, None, None)\n", {1, 2, 4, 6}},
        Case{"BilinearToTheCorners",
             "    return torch.upsample_bilinear2d(x, [7, 9], True, None, None)\n",
             {1, 2, 4, 6}},
        Case{"Curves",
             "    return torch.elu(x) + torch.softplus(x) + torch.prelu(x, torch.full([1], 0.3))\n",
             {1, 3, 4}},
        Case{"LoopOfKnownLength", "    y = x\n    for i in range(3):\n        y = y * 2 + i\n    return y\n", {1, 3}},
        Case{"BranchThatIsKnown", "    if x.dim() == 2:\n        return x + 1\n    return x - 1\n", {1, 3}}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

// What is not computed must have the shape that it would have had: the two extents behind it tell.
TEST(Import, ShapesOfConvolutionsAndProductsAreThoseOfLibTorch) {
  const std::vector<std::pair<std::string, std::vector<int64_t>>> programs{
      {"torch.conv2d(x, torch.ones([6, 2, 3, 2]), None, [2, 1], [1, 0], [2, 3], 2)", {1, 4, 9, 11}},
      {"torch.conv1d(x, torch.ones([5, 4, 3]), None, [3], [2], [2], 1)", {1, 4, 13}},
      {"torch.conv_transpose2d(x, torch.ones([4, 3, 3, 2]), None, [2, 3], [1, 0], [1, 1], 1, [1, 2])", {1, 4, 5, 6}},
      {"torch.convolution(x, torch.ones([4, 3, 3, 2]), None, [2, 3], [1, 0], [1, 2], True, [1, 0], 2)", {1, 4, 5, 6}},
      {"torch.linear(x, torch.ones([7, 5]))", {1, 3, 5}},
      {"torch.matmul(x, torch.ones([2, 1, 5, 7]))", {1, 3, 4, 5}},
      {"torch.addmm(torch.ones([7]), x, torch.ones([5, 7]))", {1, 5}},
      {"torch.cat([x, torch.relu(x), torch.ones([1, 2, 3])], -2)", {1, 4, 3}},
      {"torch.add(torch.ones([4, 1]), x)", {1, 1, 3}},
      {"torch.mul(x, 2.5)", {1, 4, 3}},
      {"torch.sub(x, torch.ones([3, 1, 1]))", {1, 4}},
      {"torch.batch_norm(x, None, None, torch.ones([4]), torch.ones([4]), False, 0.1, 0.001, False)", {1, 4, 3}},
      {"torch.hardtanh(torch.gelu(torch.sigmoid(x)))", {1, 4, 3}},
  };
  for (const auto& [expression, shape] : programs) {
    SCOPED_TRACE(expression);
    torch::jit::Module module = Program("    return " + expression + "\n");
    const ImportResult result = ImportTorchScript(
        module.deepcopy(),
        {.inputs = {{"x", DType::kF32, shape}}, .outputs = {}, .free_batch = false, .free_size = false});
    const at::Tensor real = module.forward({at::ones(shape)}).toTensor();
    EXPECT_EQ(result.model.graph.outputs()[0]->StaticShape(), real.sizes().vec());
  }
}

TEST(Import, WhatIsNotComputedIsWrittenInPlaceAllTheSame) {
  torch::jit::Module module =
      Program("    y = x * 2\n    z = y.relu_()\n    y.mul_(x)\n    return torch.cat([y, z, x], 1)\n");
  const ImportResult result = ImportTorchScript(module.deepcopy(), {.inputs = {{"x", DType::kF32, {1, 3}}}});
  std::vector<std::string> ops;
  for (const graph::Node& node : result.model.graph.nodes()) ops.push_back(node.op);
  EXPECT_THAT(ops, testing::ElementsAre("Mul", "Relu", "Mul", "Concat"));
  const auto inputs = result.model.graph.outputs()[0]->producer()->inputs();
  ASSERT_EQ(inputs.size(), 3U);
  EXPECT_EQ(inputs[0], inputs[1]) << "both names are of the memory that was written to last";
}

TEST(Import, KeepsTheSizeFreeWhereTheProgramAllowsIt) {
  const torch::jit::Module module = Program("    return torch.relu(x).mean([2, 3])\n");
  const ImportResult result =
      ImportTorchScript(module.deepcopy(), {.inputs = {{"x", DType::kF32, {1, 3, 8, 8}}}, .outputs = {"y"}});
  EXPECT_TRUE(result.size_is_free);
  EXPECT_EQ(graph::ShapeText(*result.model.graph.inputs()[0]->shape), "[batch, 3, height, width]");
  EXPECT_EQ(result.model.graph.outputs()[0]->name(), "y");
}

TEST(Import, FixesTheSizeWhereAnOperatorNeedsItAndSaysWhy) {
  const torch::jit::Module module = Program("    return torch.adaptive_avg_pool2d(x, [2, 2])\n");
  const ImportResult result =
      ImportTorchScript(module.deepcopy(), {.inputs = {{"x", DType::kF32, {1, 3, 8, 8}}}, .outputs = {}});
  EXPECT_FALSE(result.size_is_free);
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_THAT(result.notes[0], AllOf(HasSubstr("height and width are fixed"), HasSubstr("adaptive_avg_pool2d")));
}

std::string Refused(const std::string& body, ErrorCode code = ErrorCode::kUnsupported) {
  try {
    ImportTorchScript(Program(body), {.inputs = {{"x", DType::kF32, {1, 4, 6}}}, .outputs = {}});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.text();
    return error.text();
  }
  ADD_FAILURE() << "was not refused";
  return "";
}

TEST(Import, AllOperatorsThatCannotBeExpressedAreToldAtOnceFails) {
  const std::string text = Refused("    return torch.digamma(x) + torch.frac(torch.lgamma(x))\n");
  EXPECT_THAT(text, AllOf(HasSubstr("aten::digamma"), HasSubstr("aten::lgamma"), HasSubstr("aten::frac")));
}

TEST(Import, WriteIntoAPartThatIsUsedLaterFails) {
  EXPECT_THAT(Refused("    y = x + 1\n    y[:, 0].mul_(2.0)\n    return y\n"), HasSubstr("writes into a part"));
}

TEST(Import, BranchOnTheDataFails) {
  EXPECT_THAT(Refused("    if bool(x.sum() > 0):\n        x = x + 1\n    return x\n"),
              HasSubstr("depends on the data"));
}

TEST(Import, MaskAsIndexFails) {
  EXPECT_THAT(Refused("    return x[x > 0]\n"), HasSubstr("aten::index"));
}

TEST(Import, ShapeThatTheProgramCannotTakeFails) {
  EXPECT_THAT(Refused("    return torch.matmul(x, torch.ones([5, 2]))\n", ErrorCode::kUsage),
              HasSubstr("does not run on such inputs"));
}

TEST(Import, OpsetOutOfRangeFails) {
  const torch::jit::Module module = Program("    return x + 1\n");
  EXPECT_THROW(
      ImportTorchScript(module.deepcopy(), {.inputs = {{"x", DType::kF32, {1, 3}}}, .outputs = {}, .opset = 12}),
      Error);
}

}  // namespace
}  // namespace bakeoff::torchscript
