// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The reference evaluator, operator by operator, against golden values: each is one node of opset 17 run by an
// independent runtime (the ONNX Runtime Python package 1.31.1) on the inputs given here. Whole networks:
// models_test.cc.
#include "graph/evaluate/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "bakeoff/error.h"
#include "graph/builder.h"
#include "graph/evaluate/numbers.h"

namespace bakeoff::graph {
namespace {

Tensor Iota(std::vector<int64_t> dims) {
  std::vector<float> values(
      static_cast<size_t>(std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>())));
  std::iota(values.begin(), values.end(), 0.0F);
  return Tensor::F32(std::move(dims), std::move(values));
}

Tensor Ints(std::vector<int64_t> values) {
  const auto count = static_cast<int64_t>(values.size());
  return Tensor::I64({count}, std::move(values));
}

Tensor Floats(std::vector<float> values) {
  const auto count = static_cast<int64_t>(values.size());
  return Tensor::F32({count}, std::move(values));
}

Tensor Bools(std::vector<int64_t> dims, std::string bytes) {
  return {.type = ElementType::kBool, .dims = std::move(dims), .bytes = Bytes::Own(std::move(bytes)), .strings = {}};
}

Attributes With(std::initializer_list<std::pair<const char*, int64_t>> numbers,
                std::initializer_list<std::pair<const char*, std::vector<int64_t>>> lists = {}) {
  Attributes attributes;
  for (const auto& [name, value] : numbers) attributes[name] = value;
  for (const auto& [name, values] : lists) attributes[name] = values;
  return attributes;
}

Tensor Result(const std::string& op, const std::vector<Tensor>& inputs, Attributes attributes = {}) {
  Graph graph;
  Builder build(graph);
  std::vector<Value*> values;
  std::vector<const Tensor*> tensors;
  for (const Tensor& input : inputs) {
    values.push_back(build.Constant("", input));
    tensors.push_back(&input);
  }
  const Node& node = *build.Op(op, values, std::move(attributes))->producer();
  return Evaluate(node, tensors).front();
}

void Expect(const Tensor& actual, ElementType type, const std::vector<int64_t>& dims,
            const std::vector<double>& values) {
  EXPECT_EQ(actual.type, type);
  EXPECT_EQ(actual.dims, dims);
  Graph graph;
  Builder build(graph);
  const Call call{*build.Op("Identity", {build.Constant("", actual)})->producer(), {}};
  const auto numbers = IsReal(type) ? Reals(call, actual) : std::vector<double>();
  const auto wholes = IsReal(type) ? std::vector<int64_t>() : Wholes(call, actual);
  ASSERT_EQ(IsReal(type) ? numbers.size() : wholes.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const double number = IsReal(type) ? numbers[i] : static_cast<double>(wholes[i]);
    if (std::isinf(values[i])) {
      EXPECT_EQ(number, values[i]);
    } else {
      EXPECT_NEAR(number, values[i], 1e-6) << i;
    }
  }
}

constexpr auto kF32 = ElementType::kF32;
constexpr auto kI64 = ElementType::kI64;

TEST(Evaluate, MovesElements) {
  const Tensor a = Iota({3, 4});
  Expect(Result("Slice", {a, Ints({-1, 3}), Ints({-100, 0}), Ints({0, 1}), Ints({-2, -1})}), kF32, {2, 3},
         {11, 10, 9, 3, 2, 1});
  Expect(Result("Slice", {a, Ints({1}), Ints({100}), Ints({1}), Ints({2})}), kF32, {3, 2}, {1, 3, 5, 7, 9, 11});
  Expect(Result("Gather", {a, Tensor::I64({1, 2}, {0, -1})}, With({{"axis", 1}})), kF32, {3, 1, 2},
         {0, 3, 4, 7, 8, 11});
  Expect(Result("Expand", {Tensor::F32({3, 1}, {1, 2, 3}), Ints({2, 1, 2})}), kF32, {2, 3, 2},
         {1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3});
  Expect(Result("ScatterND", {Iota({2, 3}), Tensor::I64({2, 2}, {0, 1, -1, -1}), Floats({7, 8})}), kF32, {2, 3},
         {0, 7, 2, 3, 4, 8});
  Expect(Result("ScatterND", {Iota({2, 3}), Tensor::I64({1, 1}, {1}), Tensor::F32({1, 3}, {7, 8, 9})}), kF32, {2, 3},
         {0, 1, 2, 7, 8, 9});
  Expect(Result("Transpose", {a}, With({}, {{"perm", {1, 0}}})), kF32, {4, 3}, {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
  Expect(Result("Transpose", {Iota({1, 2, 3})}), kF32, {3, 2, 1}, {0, 3, 1, 4, 2, 5});
  Expect(Result("Squeeze", {Iota({1, 3, 1}), Ints({-1})}), kF32, {1, 3}, {0, 1, 2});
  Expect(Result("Range", {Tensor::I64({}, {5}), Tensor::I64({}, {-2}), Tensor::I64({}, {-3})}), kI64, {3}, {5, 2, -1});
}

TEST(Evaluate, ComputesElements) {
  Expect(Result("Mod", {Ints({-7, 7, -7, 7}), Ints({3, -3, -3, 3})}), kI64, {4}, {2, -2, -1, 1});
  Expect(Result("Div", {Ints({-7, 7, -7, 7}), Ints({3, -3, -3, 3})}), kI64, {4}, {-2, -2, 2, 2});
  Expect(Result("Where", {Bools({2, 1}, {1, 0}), Floats({1, 2, 3}), Floats({9})}), kF32, {2, 3}, {1, 2, 3, 9, 9, 9});
  Expect(Result("HardSwish", {Floats({-4, -1, 0, 1, 4})}), kF32, {5}, {0, -0.333333, 0, 0.666667, 4});
  Expect(Result("Erf", {Floats({-1, 0.5F})}), kF32, {2}, {-0.842701, 0.5205});
  Expect(Result("Pow", {Floats({2, 3}), Floats({3})}), kF32, {2}, {8, 27});
}

TEST(Evaluate, Casts) {
  Expect(Result("Cast", {Floats({-1.7F, 1.7F, 0.2F})}, With({{"to", 6}})), ElementType::kI32, {3}, {-1, 1, 0});
  Expect(Result("Cast", {Floats({0.5F, 0, -2})}, With({{"to", 9}})), ElementType::kBool, {3}, {1, 0, 1});
  Expect(Result("Cast", {Floats({65519, 65520, 1e-8F})}, With({{"to", 10}})), ElementType::kF16, {3},
         {65504, INFINITY, 0});
}

TEST(Evaluate, ReducesAndPools) {
  Expect(Result("ReduceMean", {Iota({3, 4})}, With({{"keepdims", 0}}, {{"axes", {0}}})), kF32, {4}, {4, 5, 6, 7});
  Expect(Result("Softmax", {Tensor::F32({2, 3}, {1, 2, 3, 1, 1, 1})}, With({{"axis", 0}})), kF32, {2, 3},
         {0.5, 0.731059, 0.880797, 0.5, 0.268941, 0.119203});
  const auto window = [] { return With({}, {{"kernel_shape", {2, 2}}, {"pads", {1, 1, 0, 0}}, {"strides", {2, 2}}}); };
  Expect(Result("AveragePool", {Iota({1, 1, 3, 3})}, window()), kF32, {1, 1, 2, 2}, {0, 1.5, 4.5, 6});
  Expect(Result("MaxPool", {Result("Neg", {Iota({1, 1, 3, 3})})}, window()), kF32, {1, 1, 2, 2}, {0, -1, -3, -4});
}

TEST(Evaluate, MultipliesMatrices) {
  Attributes gemm = With({{"transA", 1}});
  gemm["alpha"] = 0.5F;
  gemm["beta"] = 2.0F;
  Expect(Result("Gemm", {Iota({2, 3}), Iota({2, 2}), Tensor::F32({3, 1}, {10, 20, 30})}, std::move(gemm)), kF32, {3, 2},
         {23, 24.5, 44, 46.5, 65, 68.5});
  Expect(Result("MatMul", {Iota({2, 2, 3}), Iota({3, 2})}), kF32, {2, 2, 2}, {10, 13, 28, 40, 46, 67, 64, 94});
}

TEST(Evaluate, EveryHalfSurvivesTheWayThere) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = HalfToFloat(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(HalfToFloat(FloatToHalf(value))));
    } else {
      ASSERT_EQ(FloatToHalf(value), half) << bits;
    }
  }
}

TEST(Evaluate, WrongCallsFailNamingTheNode) {
  const auto code = [](const std::function<Tensor()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code([] { return Result("LSTM", {Iota({1})}); }), ErrorCode::kUnsupported);
  EXPECT_EQ(code([] { return Result("Gather", {Iota({3}), Ints({3})}); }), ErrorCode::kInvalidModel);
  EXPECT_EQ(code([] { return Result("Add", {Iota({3}), Iota({4})}); }), ErrorCode::kInvalidModel);
  EXPECT_EQ(code([] { return Result("Div", {Ints({1}), Ints({0})}); }), ErrorCode::kUnsupported);
  EXPECT_EQ(code([] { return Result("Reshape", {Iota({6}), Ints({4, -1})}); }), ErrorCode::kInvalidModel);
  EXPECT_EQ(code([] { return Result("Reshape", {Iota({6})}); }), ErrorCode::kInvalidModel);
  EXPECT_EQ(code([] { return Result("ConstantOfShape", {Ints({int64_t{1} << 40, int64_t{1} << 40})}); }),
            ErrorCode::kUnsupported);
  EXPECT_EQ(code([] { return Result("Expand", {Iota({1}), Ints({-5})}); }), ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace bakeoff::graph
