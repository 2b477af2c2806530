// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Prepares the program, chooses what stays free, and turns refusals into one message.
#include "converters/torchscript_to_onnx/import.h"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <algorithm>
#include <map>

#include "bakeoff/error.h"
#include "converters/torchscript_to_onnx/walk.h"
#include "core/text.h"
#include "engines/torch_model.h"
#include "graph/passes/passes.h"

namespace bakeoff::torchscript {
namespace {

// The batch of the first probe; not 1, which would broadcast and be squeezed. The second has one more.
constexpr int64_t kFirstBatch = 2;
// What the second probe has less of, or more where little is left. Height and width differ, so that neither stands for
// the other, and both are multiples of 32: most networks halve five times.
constexpr int64_t kOtherHeight = 64, kOtherWidth = 32;

int64_t Other(int64_t extent, int64_t difference) {
  return extent - difference >= extent / 2 ? extent - difference : extent + difference;
}

// Zeros would make differences vanish that a shape error makes visible; whole numbers must stay valid indices.
at::Tensor Example(const TensorSpec& spec, const std::vector<int64_t>& sizes) {
  const at::ScalarType type = TorchType(spec.type);
  const at::TensorOptions options(type);
  return at::isFloatingType(type) ? at::full(sizes, 0.5, options) : at::zeros(sizes, options);
}

bool IsPicture(const TensorSpec& spec) {
  return spec.shape.size() == 4;
}

std::vector<int64_t> ProbeSizes(const TensorSpec& spec, size_t probe, bool batch, bool size) {
  std::vector<int64_t> sizes = spec.shape;
  if (batch && !sizes.empty()) sizes[0] = static_cast<int64_t>(probe) + kFirstBatch;
  if (size && IsPicture(spec) && probe == 1) {
    sizes[2] = Other(sizes[2], kOtherHeight);
    sizes[3] = Other(sizes[3], kOtherWidth);
  }
  return sizes;
}

torch::jit::Module Prepare(torch::jit::Module module) {
  try {
    module.eval();
    // freeze() insists on the attribute; programs from C++ and from old versions are without it.
    if (!module.hasattr("training")) module.register_attribute("training", c10::BoolType::get(), false);
    module = torch::jit::freeze(module);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kConversion,
                fmt::format("LibTorch cannot freeze the program: {}", core::Brief(TorchWords(error), 200)));
  }
  const auto graph = module.get_method("forward").graph();
  torch::jit::Inline(*graph);
  torch::jit::RemoveTensorMutation(graph);
  return module;
}

// What was seen: inference does not follow every computed shape.
void TellShape(const Item& item, bool free_batch, graph::Value& value) {
  if (value.shape || !item.IsTensor()) return;
  value.type = ToElementType(item.tensor().scalar_type());
  graph::SymbolicShape shape;
  for (int64_t axis = 0; axis < item.tensor().dim(); ++axis) {
    const int64_t first = item.tensor(0).size(axis), second = item.tensor(1).size(axis);
    if (first == second) {
      shape.emplace_back(first);
    } else {
      const bool batch = free_batch && axis == 0 && first == kFirstBatch && second == kFirstBatch + 1;
      shape.push_back(batch ? graph::Dim::Symbol("batch") : graph::Dim());
    }
  }
  value.shape = std::move(shape);
}

void AddOutputs(Walk& walk, graph::Model& model, bool free_batch, Item& item, const std::string& name,
                std::vector<std::pair<std::string, graph::Value*>>& outputs) {
  const auto part = [&](size_t index) { return name + (name == "output" ? "" : "_") + std::to_string(index); };
  if (item.IsTensor() || item.seen[0].isScalar()) {
    graph::Value* value = item.value;
    if (!value) value = &model.graph.AddConstant(model.graph.UniqueName(name), ToTensor(item.tensor()));
    // An input or constant cannot leave under another name; nor can one value under two.
    if (value->IsInput() || value->constant() || value->IsOutput()) value = walk.build().Op("Identity", {value});
    TellShape(item, free_batch, *value);
    model.graph.AddOutput(*value);
    outputs.emplace_back(name, value);
    return;
  }
  if (item.elements.empty()) throw Unsupported(fmt::format("a result that is a {}", item.seen[0].tagKind()));
  for (size_t i = 0; i < item.elements.size(); ++i)
    AddOutputs(walk, model, free_batch, item.elements[i], part(i), outputs);
}

[[noreturn]] void ThrowRefusals(const std::vector<Refusal>& refusals) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> nodes;
  for (const Refusal& refusal : refusals) nodes[{refusal.op, refusal.reason}].push_back(refusal.node);
  std::vector<std::string> lines;
  for (auto& [what, names] : nodes) {
    const size_t all = names.size();
    if (all > 3) names.resize(3);
    lines.push_back(fmt::format("{} ({}{}): {}", what.first, core::Join(names, ", "),
                                all > 3 ? fmt::format(" and {} more", all - 3) : "", what.second));
  }
  throw Error(ErrorCode::kUnsupported, "operators that cannot be expressed in ONNX: " + core::Join(lines, "; "));
}

// The model's inputs, and what they are on the probes.
void BindInputs(Walk& walk, graph::Model& model, const torch::jit::Graph& program, const ImportRequest& request,
                bool free_size) {
  // Input 0 is the module itself, which a frozen program does not use.
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    const TensorSpec& spec = request.inputs[i];
    graph::SymbolicShape shape;
    for (size_t axis = 0; axis < spec.shape.size(); ++axis) {
      graph::Dim extent(spec.shape[axis]);
      if (axis == 0 && request.free_batch) extent = graph::Dim::Symbol("batch");
      const std::string suffix = request.inputs.size() > 1 ? "_" + std::to_string(i) : "";
      if (free_size && IsPicture(spec) && axis >= 2)
        extent = graph::Dim::Symbol((axis == 2 ? "height" : "width") + suffix);
      shape.push_back(extent);
    }
    Item item;
    for (size_t probe = 0; probe < kProbes; ++probe)
      item.seen[probe] = Example(spec, ProbeSizes(spec, probe, request.free_batch, free_size));
    item.varies = true;
    item.value = &model.graph.AddInput(spec.name, graph::FromDType(spec.type), std::move(shape));
    walk.Bind(program.inputs().at(i + 1), std::move(item));
  }
}

graph::Model ImportWith(const torch::jit::Graph& program, const ImportRequest& request, bool free_size) {
  graph::Model model;
  model.opsets[""] = request.opset;
  model.producer = "bakeoff";
  model.graph.name = "torchscript";
  Walk walk(model);
  BindInputs(walk, model, program, request, free_size);
  Item self;
  walk.Bind(program.inputs().at(0), self);
  try {
    walk.Run(*program.block());
  } catch (const Error& error) {
    // Without a text: the refusal before it says why nothing behind could be looked at.
    if (!error.text().empty()) throw;
  }
  if (!walk.refusals().empty()) ThrowRefusals(walk.refusals());
  std::vector<std::pair<std::string, graph::Value*>> outputs;
  const auto results = program.outputs();
  for (size_t i = 0; i < results.size(); ++i)
    AddOutputs(walk, model, request.free_batch, walk.At(results[i]),
               results.size() == 1 ? "output" : fmt::format("output{}", i), outputs);
  const bool named = request.outputs.size() == outputs.size();
  for (size_t i = 0; i < outputs.size(); ++i)
    model.graph.Rename(*outputs[i].second, named ? request.outputs[i] : outputs[i].first);
  return model;
}

void CheckRequest(const torch::jit::Graph& program, const ImportRequest& request) {
  if (request.opset < 13 || request.opset > 21)
    throw Error(ErrorCode::kUsage, fmt::format("opset {}: 13 to 21 can be written", request.opset));
  if (program.inputs().size() != request.inputs.size() + 1) {
    throw Error(ErrorCode::kUsage, fmt::format("the program has {} inputs, {} were described",
                                               program.inputs().size() - 1, request.inputs.size()));
  }
}

}  // namespace

ImportResult ImportTorchScript(torch::jit::Module module, const ImportRequest& request) {
  const c10::InferenceMode inference;
  module = Prepare(std::move(module));
  const auto program = module.get_method("forward").graph();
  CheckRequest(*program, request);
  ImportResult result;
  const bool pictures = std::any_of(request.inputs.begin(), request.inputs.end(), IsPicture);
  if (request.free_size && pictures) {
    try {
      result.model = ImportWith(*program, request, true);
      result.size_is_free = true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnsupported && error.code() != ErrorCode::kUsage) throw;
      const bool runs = error.code() != ErrorCode::kUsage;
      result.notes.push_back(fmt::format("height and width are fixed: {}{}",
                                         runs ? "" : "the program does not run at another size: ", error.text()));
    }
  }
  if (!result.size_is_free) result.model = ImportWith(*program, request, false);
  graph::RunPasses(result.model);
  return result;
}

}  // namespace bakeoff::torchscript
