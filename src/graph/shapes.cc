// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Specifications of inputs and outputs; binding of named dimensions.
#include "graph/shapes.h"

#include <fmt/format.h>

#include "bakeoff/error.h"

namespace bakeoff::graph {
namespace {

using Bindings = std::map<std::string, int64_t, std::less<>>;

TensorSpec SpecOf(const Value& value, const char* role) {
  const auto type = ToDType(value.type);
  if (!type) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("{} '{}' has elements of type {}", role, value.name(), ElementTypeName(value.type)));
  }
  if (!value.shape) throw Error(ErrorCode::kUnsupported, fmt::format("{} '{}' has no known rank", role, value.name()));
  TensorSpec spec{.name = value.name(), .type = *type, .shape = {}};
  for (const Dim& dim : *value.shape) spec.shape.push_back(dim.Value().value_or(kFree));
  return spec;
}

void BindInput(Value& input, const Shape& shape, Bindings& bindings) {
  const auto fail = [&](const std::string& text) {
    throw Error(ErrorCode::kUsage, fmt::format("input '{}' is {}, so {} does not fit: {}", input.name(),
                                               ShapeText(*input.shape), bakeoff::ShapeText(shape), text));
  };
  if (!input.shape) input.shape = SymbolicShape(shape.size());
  if (input.shape->size() != shape.size()) fail("another rank");
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    Dim& dim = (*input.shape)[axis];
    if (dim.Value() && dim.Value() != shape[axis]) fail(fmt::format("axis {} is fixed", axis));
    if (!dim.Value() && !dim.IsUnknown()) {
      const auto [slot, fresh] = bindings.emplace(dim.Text(), shape[axis]);
      if (!fresh && slot->second != shape[axis]) {
        fail(fmt::format("the dimension {} is already {}", slot->first, slot->second));
      }
    }
    dim = Dim(shape[axis]);
  }
}

void Substitute(Graph& graph, const Bindings& bindings) {
  for (Value& value : graph.values()) {
    if (!value.shape) continue;
    for (Dim& dim : *value.shape) {
      if (const auto extent = dim.Evaluate(bindings)) dim = Dim(*extent);
    }
  }
  for (Node& node : graph.nodes()) {
    ForEachSubgraph(node, [&](Graph& body) { Substitute(body, bindings); });
  }
}

}  // namespace

std::vector<TensorSpec> InputSpecs(const Graph& graph) {
  std::vector<TensorSpec> specs;
  for (const Value* input : graph.inputs()) {
    if (!input->constant()) specs.push_back(SpecOf(*input, "input"));
  }
  return specs;
}

std::vector<TensorSpec> OutputSpecs(const Graph& graph) {
  std::vector<TensorSpec> specs;
  for (const Value* output : graph.outputs()) specs.push_back(SpecOf(*output, "output"));
  return specs;
}

void BindShapes(Model& model, const std::map<std::string, Shape>& shapes) {
  Bindings bindings;
  for (const auto& [name, shape] : shapes) {
    Value* input = model.graph.Find(name);
    if (!input || !input->IsInput()) throw Error(ErrorCode::kUsage, fmt::format("the model has no input '{}'", name));
    BindInput(*input, shape, bindings);
  }
  Substitute(model.graph, bindings);
}

}  // namespace bakeoff::graph
