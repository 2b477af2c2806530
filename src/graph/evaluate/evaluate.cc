// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: finds the family of an operator, and runs whole graphs.
#include "graph/evaluate/evaluate.h"

#include <set>
#include <unordered_map>

#include "graph/evaluate/kernel.h"

namespace bakeoff::graph {

size_t CountOf(const Call& call, const std::vector<int64_t>& dims) {
  int64_t count = 1;
  for (const int64_t extent : dims) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count) || count > kMaxEvaluatedBytes / 8)
      call.Unknown("a tensor of that size");
  }
  return static_cast<size_t>(count);
}

bool CanEvaluate(const Node& node) {
  static const std::set<std::string, std::less<>> known{"Conv",
                                                        "Gemm",
                                                        "MatMul",
                                                        "MaxPool",
                                                        "AveragePool",
                                                        "GlobalAveragePool",
                                                        "BatchNormalization",
                                                        "Relu",
                                                        "Sigmoid",
                                                        "Tanh",
                                                        "Exp",
                                                        "Log",
                                                        "Sqrt",
                                                        "Neg",
                                                        "Abs",
                                                        "Floor",
                                                        "Ceil",
                                                        "Erf",
                                                        "Reciprocal",
                                                        "HardSigmoid",
                                                        "HardSwish",
                                                        "Add",
                                                        "Sub",
                                                        "Mul",
                                                        "Div",
                                                        "Mod",
                                                        "Min",
                                                        "Max",
                                                        "Pow",
                                                        "Equal",
                                                        "Less",
                                                        "Greater",
                                                        "LessOrEqual",
                                                        "GreaterOrEqual",
                                                        "And",
                                                        "Or",
                                                        "Not",
                                                        "Clip",
                                                        "Where",
                                                        "Cast",
                                                        "LeakyRelu",
                                                        "Reshape",
                                                        "Flatten",
                                                        "Concat",
                                                        "Transpose",
                                                        "Gather",
                                                        "Slice",
                                                        "Unsqueeze",
                                                        "Squeeze",
                                                        "Expand",
                                                        "Shape",
                                                        "Constant",
                                                        "Size",
                                                        "Range",
                                                        "ConstantOfShape",
                                                        "Identity",
                                                        "Dropout",
                                                        "Softmax",
                                                        "ReduceMean",
                                                        "ReduceSum",
                                                        "ReduceProd",
                                                        "ReduceMax",
                                                        "ReduceMin",
                                                        "ScatterND",
                                                        "LayerNormalization",
                                                        "Elu",
                                                        "Softplus",
                                                        "PRelu",
                                                        "Split",
                                                        "Pad",
                                                        "Tile",
                                                        "Resize"};
  return node.domain.empty() && known.contains(node.op);
}

std::vector<Tensor> Evaluate(const Node& node, std::span<const Tensor* const> inputs) {
  const Call call{node, inputs};
  if (!CanEvaluate(node)) call.Unknown("no such operator");
  for (const auto family :
       {EvaluateDense, EvaluatePooling, EvaluateElementwise, EvaluateMovement, EvaluateParts, EvaluateReduction}) {
    if (auto results = family(call)) return std::move(*results);
  }
  throw Error(ErrorCode::kInternal, node.Describe() + ": listed, but no family computes it");
}

std::map<std::string, Tensor> Evaluate(const Graph& graph, const std::map<std::string, Tensor>& inputs) {
  std::unordered_map<const Value*, Tensor> known;
  for (const Value& value : graph.values()) {
    if (value.constant()) known[&value] = *value.constant();
  }
  for (const Value* input : graph.inputs()) {
    const auto given = inputs.find(input->name());
    if (given != inputs.end()) known[input] = given->second;
    if (!known.contains(input)) throw Error(ErrorCode::kUsage, fmt::format("input '{}' was not given", input->name()));
  }
  std::unordered_map<const Value*, size_t> waiting;
  for (const Value& value : graph.values()) waiting[&value] = value.uses().size() + (value.IsOutput() ? 1 : 0);
  for (const Node& node : graph.nodes()) {
    std::vector<const Tensor*> tensors;
    for (const Value* value : node.inputs()) tensors.push_back(value ? &known.at(value) : nullptr);
    auto results = Evaluate(node, tensors);
    for (size_t i = 0; i < node.outputs().size() && i < results.size(); ++i) {
      if (node.outputs()[i]) known[node.outputs()[i]] = std::move(results[i]);
    }
    // What nobody waits for any more is freed.
    for (const Value* value : node.inputs()) {
      if (value && --waiting[value] == 0) known.erase(value);
    }
  }
  std::map<std::string, Tensor> outputs;
  for (const Value* output : graph.outputs()) outputs.emplace(output->name(), known.at(output));
  return outputs;
}

}  // namespace bakeoff::graph
