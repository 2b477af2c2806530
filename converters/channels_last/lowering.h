// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the operator families share while a graph becomes a Program. Only for the files of this folder.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "converters/channels_last/lower_model.h"
#include "converters/channels_last/program.h"
#include "graph/model.h"
#include "graph/passes/layout.h"

namespace bakeoff::channels_last {

using graph::Node;
using graph::Value;

// Thrown by a family for a node that it cannot convert; becomes one UnsupportedOperator.
struct Refusal {
  std::string why;
  std::string advice = {};
};

// Both ways to the same: what the model comes from is not known here.
inline const char* const kFixShapes =
    "fix the sizes: --shape for an ONNX file, -o torch.size=fixed where the source is TorchScript";

// The constant that nobody can replace; null for a value that flows.
const graph::Tensor* Constant(const Value* value);
// As doubles and as whole numbers, whatever the type. Throw Refusal naming `what` where the value flows or is absent.
std::vector<double> Reals(const Value* value, const char* what);
std::vector<int64_t> Ints(const Value* value, const char* what);

class Lowering {
 public:
  Lowering(const graph::Model& model, const Target& target, Program& program)
      : model_(model), target_(target), program_(program) {}

  // All inputs, nodes and outputs. Throws UnsupportedOperators().
  void Run();

  Program& program() { return program_; }
  const Target& target() const { return target_; }

  // The tensor of an input, as it lies; a constant in the order of ONNX. Throws Refusal where it is absent.
  Index In(const Node& node, size_t index);
  // The same for an operand of an element-wise operator: a constant is brought into the order of `as`.
  Index Operand(const Node& node, size_t index, const Value& as);
  // A constant as the operand of something that lies like `as`; one element becomes a scalar, unless its rank matters.
  Index ConstantLike(const Value& value, const Value& as, bool keep_rank = false);
  // A new tensor for the output, as it lies.
  Index Out(const Node& node, size_t index = 0);
  // The output is this tensor, without an operator.
  void Alias(const Node& node, Index tensor, size_t index = 0);
  // Between operators of one node.
  Index Temporary(const Node& node, TensorType type, std::vector<int32_t> extents);
  // The output of that node has been given already by another one that took it in.
  void Absorb(const Node& node) { absorbed_.insert(&node); }

  // Extents of the value as it lies, -1 for free ones. Throws Refusal for an unknown rank.
  static std::vector<int32_t> Lies(const Value& value);

  // An operator between tensors; temporaries come from Temporary().
  void Op(BuiltinOperator code, std::vector<Index> inputs, Index output, BuiltinOptionsUnion options = {},
          int version = 1) {
    program_.AddOperator(code, std::move(inputs), {output}, std::move(options), version);
  }

 private:
  void LowerNode(const Node& node);
  void Leave(const Value& output);

  const graph::Model& model_;
  const Target& target_;
  Program& program_;
  std::unordered_map<const Value*, Index> tensors_;
  std::unordered_set<const Node*> absorbed_;
};

// One operator: how it is converted, and what it wants of the order of axes.
struct Rule {
  const char* op;
  graph::LayoutRule layout;
  void (*lower)(Lowering& to, const Node& node);
};

// The families, each in a file of its own.
std::span<const Rule> ConvolutionRules();
std::span<const Rule> TransposedConvolutionRules();
std::span<const Rule> ResizeRules();
std::span<const Rule> PoolingRules();
std::span<const Rule> ElementwiseRules();
std::span<const Rule> ErrorFunctionRules();
std::span<const Rule> DenseRules();
std::span<const Rule> MovementRules();
std::span<const Rule> ReductionRules();

// Null for an operator that no family has.
const Rule* FindRule(const Node& node);
graph::LayoutRule LayoutRuleFor(const Node& node);

}  // namespace bakeoff::channels_last
