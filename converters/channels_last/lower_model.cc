// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// From the ONNX file to the program: reading, fixing extents, passes, order of axes, operators.
#include "converters/channels_last/lower_model.h"

#include "converters/channels_last/add_height.h"
#include "converters/channels_last/fuse_gelu.h"
#include "converters/channels_last/fuse_shuffle.h"
#include "converters/channels_last/lowering.h"
#include "core/layouts.h"
#include "core/shapes.h"
#include "graph/onnx.h"
#include "graph/passes/layout.h"
#include "graph/passes/passes.h"
#include "graph/shapes.h"

namespace bakeoff::channels_last {
namespace {

// What the user fixed; free extents keep their names, so that equal ones are known to be equal.
void Bind(graph::Model& model, const std::vector<TensorSpec>& inputs, const std::map<std::string, Shape>& given) {
  if (given.empty()) return;
  const auto fixed = core::FixShapes(inputs, given);
  for (graph::Value* input : model.graph.inputs()) {
    const auto shape = fixed.find(input->name());
    if (shape == fixed.end() || !input->shape) continue;
    std::map<std::string, Shape> one;
    Shape whole = shape->second;
    for (size_t axis = 0; axis < whole.size(); ++axis) {
      if (whole[axis] != kFree) (*input->shape)[axis] = graph::Dim(whole[axis]);
    }
  }
}

// Where extents were fixed, what was inferred from the free ones is no longer the whole truth.
void Forget(graph::Model& model) {
  for (graph::Value& value : model.graph.values()) {
    if (!value.IsInput() && !value.constant()) value.shape.reset();
  }
}

// In the order that the graph's value has now.
std::string LayoutOf(const Artifact& source, const graph::Value& value) {
  const size_t rank = value.shape ? value.shape->size() : 0;
  const std::string letters = core::LayoutOf(source, value.name(), rank).axes;
  std::string result;
  if (letters.empty()) return result;
  for (const int axis : graph::FullPermutation(value.permutation, rank)) result += letters[static_cast<size_t>(axis)];
  return result;
}

TensorSpec SpecOf(const graph::Value& value, const std::string& name) {
  TensorSpec spec{name, graph::ToDType(value.type).value_or(DType::kF32), {}};
  for (const int32_t extent : Lowering::Lies(value)) spec.shape.push_back(extent);
  return spec;
}

// Passes rename values, and an unnamed node is known by that of its first output: messages must say the source's.
void NameNodes(graph::Model& model) {
  for (graph::Node& node : model.graph.nodes()) {
    if (node.name.empty() && node.output(0)) node.name = node.output(0)->name();
  }
}

}  // namespace

Lowered LowerModel(const Artifact& source, const ConvertOptions& options, const Target& target) {
  graph::Model model = graph::ReadOnnx(source.path);
  graph::InferShapes(model, graph::Inference::kLenient);
  try {
    graph::UpgradeOpset(model, graph::kOldestOpset);
  } catch (const Error& error) {
    throw error.With(source.path);
  }
  Lowered lowered{Program(options.precision == "f16"), {}};
  Converted& converted = lowered.converted;
  converted.source = {source.path, source.format, graph::InputSpecs(model.graph), graph::OutputSpecs(model.graph),
                      source.layouts};
  if (!options.shapes.empty()) {
    Bind(model, converted.source.inputs, options.shapes);
    Forget(model);
  }
  NameNodes(model);
  graph::RunPasses(model);
  if (FuseGelu(model) + FuseShuffle(model) > 0) graph::RemoveDeadCode(model);
  AddHeight(model);
  graph::ChooseLayouts(model, LayoutRuleFor);
  Lowering(model, target, lowered.program).Run();

  converted.target = {options.destination, target.format, {}, {}, {}};
  const auto tell = [&](const graph::Value& value, std::vector<TensorSpec>& specs) {
    specs.push_back(SpecOf(value, value.name()));
    if (const std::string layout = LayoutOf(source, value); !layout.empty())
      converted.target.layouts[value.name()] = layout;
  };
  for (const graph::Value* input : model.graph.inputs()) {
    if (!input->constant()) tell(*input, converted.target.inputs);
  }
  for (const graph::Value* output : model.graph.outputs()) tell(*output, converted.target.outputs);
  converted.facts = {{"operators", lowered.program.operators().size()}, {"transposes", lowered.program.transposes()}};
  return lowered;
}

}  // namespace bakeoff::channels_last
