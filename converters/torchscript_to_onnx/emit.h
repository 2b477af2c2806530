// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a family of operators sees of the node that it expresses: arguments as constants or as values of the graph, and
// helpers to write nodes.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bakeoff/error.h"
#include "converters/torchscript_to_onnx/item.h"
#include "graph/builder.h"

namespace bakeoff::torchscript {

// Attributes without subgraphs, which can be copied and so written as {{"axis", 1}}.
using Given = std::map<std::string, std::variant<int64_t, float, std::string, graph::Tensor, std::vector<int64_t>>>;

// One per node. Arguments are counted as in the operator's schema. Accessors throw Error{kUnsupported} saying which
// argument is of what kind; the importer adds operator and node.
class Emit {
 public:
  Emit(graph::Builder& build, int64_t opset, const torch::jit::Node& node, std::vector<Item*> inputs,
       std::vector<Item> outputs)
      : build_(build), opset_(opset), node_(node), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  int64_t opset() const { return opset_; }
  const torch::jit::Node& node() const { return node_; }
  size_t Arguments() const { return inputs_.size(); }
  Item& In(size_t index);
  std::vector<Item>& Results() { return outputs_; }

  // Constants.
  bool IsNone(size_t index) { return index >= inputs_.size() || In(index).seen[0].isNone(); }
  bool IsConstant(size_t index) { return !In(index).varies; }
  int64_t Int(size_t index);
  double Real(size_t index);  // an int or bool too
  bool Bool(size_t index);
  std::string Text(size_t index);
  std::vector<int64_t> Ints(size_t index);  // a single int is a list of one
  // As Ints(), one value repeated to `count`; `missing` for None and an empty list.
  std::vector<int64_t> Ints(size_t index, size_t count, std::vector<int64_t> missing = {});

  // Values. Tensors, and numbers as scalars.
  graph::Value* Value(size_t index);
  graph::Value* Value(Item& item);
  // Converted to the type where it has another.
  graph::Value* As(Item& item, at::ScalarType type);
  graph::Value* As(size_t index, at::ScalarType type) { return As(In(index), type); }
  // The parts of a list, constant or not.
  std::vector<Item> List(size_t index);

  // As the first probe had them.
  std::vector<int64_t> Sizes(size_t index) { return In(index).tensor().sizes().vec(); }
  int64_t Rank(size_t index) { return In(index).tensor().dim(); }
  bool SizeVaries(size_t index, int64_t axis);
  at::ScalarType Type(size_t index) { return TypeOf(In(index)); }
  at::ScalarType ResultType(size_t index = 0) { return TypeOf(outputs_.at(index)); }
  std::vector<int64_t> ResultSizes(size_t index = 0) { return outputs_.at(index).tensor().sizes().vec(); }
  static at::ScalarType TypeOf(const Item& item);
  // The axis as ONNX wants it, from 0, for a tensor of that rank.
  int64_t Axis(size_t index, int64_t rank);
  std::vector<int64_t> Axes(size_t index, int64_t rank);  // all of them where the list is empty
  static std::vector<int64_t> AllAxes(int64_t rank);

  // Writing.
  graph::Value* Op(std::string op, std::vector<graph::Value*> inputs, const Given& attributes = {});
  std::vector<graph::Value*> Split(graph::Value* value, int64_t axis, const std::vector<int64_t>& sizes);
  graph::Value* Constant(at::Tensor tensor);
  graph::Value* Scalar(double value, at::ScalarType type);  // rank 0
  graph::Value* I64(std::vector<int64_t> values);           // rank 1
  graph::Value* Cast(graph::Value* value, at::ScalarType type);
  // A shape as ONNX wants it: constant where it can be, with 0 and -1 where those say it. `of` is the tensor that is
  // reshaped, null where 0 and -1 mean nothing (Expand).
  graph::Value* ShapeOf(const std::vector<Item>& extents, const graph::Value* of);
  // One extent of a tensor as a vector of one.
  graph::Value* SizeVector(size_t index, int64_t axis);
  graph::Value* Reshape(graph::Value* value, const std::vector<int64_t>& shape);
  graph::Value* Transpose(graph::Value* value, std::vector<int64_t> permutation);
  graph::Value* Unsqueeze(graph::Value* value, std::vector<int64_t> axes);
  graph::Value* Squeeze(graph::Value* value, std::vector<int64_t> axes);
  // ReduceMean and its kin, whose axes became an input in opset 18 (ReduceSum in 13).
  graph::Value* Reduce(const std::string& op, graph::Value* value, std::vector<int64_t> axes, bool keep);
  graph::Value* Slice(graph::Value* value, int64_t axis, int64_t start, int64_t end);

  // Results.
  void Set(graph::Value* value, size_t index = 0) { outputs_.at(index).value = value; }
  // A result that is a list of tensors.
  void SetList(const std::vector<graph::Value*>& values);

 private:
  const c10::IValue& Fixed(size_t index, const char* kind);

  graph::Builder& build_;
  int64_t opset_;
  const torch::jit::Node& node_;
  std::vector<Item*> inputs_;
  std::vector<Item> outputs_;
};

// An operator and the function that expresses it. In-place forms ("relu_") are found under the plain name.
struct OperatorRow {
  const char* name;  // "aten::relu"
  void (*emit)(Emit&);
};

// One table a family, each in a file of its own.
std::span<const OperatorRow> ActivationOperators();
std::span<const OperatorRow> ArithmeticOperators();
std::span<const OperatorRow> AttentionOperators();
std::span<const OperatorRow> ConvolutionOperators();
std::span<const OperatorRow> DenseOperators();
std::span<const OperatorRow> IndexingOperators();
std::span<const OperatorRow> NormOperators();
std::span<const OperatorRow> PoolingOperators();
std::span<const OperatorRow> ReductionOperators();
std::span<const OperatorRow> ResizeOperators();
std::span<const OperatorRow> ShapeOperators();

// Null where no family has it.
const OperatorRow* FindOperator(std::string_view name);

graph::ElementType ToElementType(at::ScalarType type);
graph::Tensor ToTensor(const at::Tensor& tensor);
Error Unsupported(std::string text);

}  // namespace bakeoff::torchscript
