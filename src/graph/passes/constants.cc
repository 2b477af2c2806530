// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: computes what does not depend on the inputs, and what only depends on extents that are known.
#include <algorithm>
#include <numeric>

#include "bakeoff/error.h"
#include "graph/evaluate/evaluate.h"
#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace bakeoff::graph {
namespace {

// A folded Expand or ConstantOfShape must not blow the file up.
constexpr size_t kAlwaysSmall = 1 << 20;

// A default of an input may be replaced by the caller, so it is no constant.
const Tensor* Constant(const Value* value) {
  return value && !value->IsInput() ? value->constant() : nullptr;
}

std::optional<Tensor> Computed(const Node& node) {
  std::vector<const Tensor*> inputs;
  size_t bytes = 0;
  for (const Value* value : node.inputs()) {
    const Tensor* tensor = Constant(value);
    if (value && !tensor) return std::nullopt;
    inputs.push_back(tensor);
    if (tensor) bytes += tensor->bytes.size();
  }
  if (!CanEvaluate(node)) return std::nullopt;
  try {
    Tensor result = Evaluate(node, inputs).front();
    const bool grows = node.op != "Constant" && result.bytes.size() > std::max(kAlwaysSmall, bytes);
    return grows ? std::nullopt : std::optional(std::move(result));
  } catch (const Error& error) {
    // What the evaluator does not know stays in the graph; what is wrong is for the checker to say.
    if (error.code() == ErrorCode::kUnsupported || error.code() == ErrorCode::kInvalidModel) return std::nullopt;
    throw;
  }
}

// The whole shape, or the part that a Gather or Slice takes from it, where the extents are numbers.
std::optional<Tensor> KnownSizes(const Node& node) {
  const bool picks = node.Is("Gather") || node.Is("Slice");
  const Node* source = picks && node.input(0) ? node.input(0)->producer() : &node;
  const Value* sized = source && source->Is("Shape") ? source->input(0) : nullptr;
  if (!sized || !sized->shape) return std::nullopt;
  if (source->attributes.contains("start") || source->attributes.contains("end")) return std::nullopt;
  const SymbolicShape& shape = *sized->shape;
  // Which axes are taken: the node itself, applied to the axes' numbers, tells.
  std::vector<int64_t> numbers(shape.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  Tensor taken = Tensor::I64({static_cast<int64_t>(shape.size())}, std::move(numbers));
  if (picks) {
    std::vector<const Tensor*> inputs{&taken};
    for (const Value* value : node.inputs().subspan(1)) {
      if (value && !Constant(value)) return std::nullopt;
      inputs.push_back(Constant(value));
    }
    try {
      taken = Evaluate(node, inputs).front();
    } catch (const Error&) {
      return std::nullopt;
    }
  }
  std::vector<int64_t> extents;
  for (const int64_t axis : taken.Ints()) {
    const auto extent = shape[static_cast<size_t>(axis)].Value();
    if (!extent) return std::nullopt;
    extents.push_back(*extent);
  }
  return Tensor::I64(taken.dims, std::move(extents));
}

bool Fold(Graph& graph, Node& node) {
  Value* output = node.output(0);
  // An output of the graph stays computed: not every reader takes a constant there.
  if (!output || node.outputs().size() != 1 || output->IsOutput()) return false;
  auto result = Computed(node);
  if (!result) result = KnownSizes(node);
  if (!result) return false;
  Value& folded = graph.AddConstant(graph.UniqueName(output->name() + ".folded"), std::move(*result));
  graph.RedirectUses(*output, folded);
  graph.RemoveNode(node);
  return true;
}

}  // namespace

bool FoldConstants(Model& model) {
  return RewriteNodes(model.graph, Fold);
}

}  // namespace bakeoff::graph
