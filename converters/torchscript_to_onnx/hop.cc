// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The hop from TorchScript to ONNX: the importer, with the shapes and names that the host and the user tell.
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <malloc.h>
#include <torch/version.h>

#include "bakeoff/converter.h"
#include "converters/torchscript_to_onnx/import.h"
#include "core/layouts.h"
#include "core/model_description.h"
#include "engines/torch_model.h"
#include "graph/onnx.h"
#include "graph/shapes.h"

namespace bakeoff {
namespace {

// Where only a free height and width are known: the size that most classifiers are trained at.
constexpr int64_t kUsualSize = 224;
constexpr int kOwnMapping = 1 << 20;  // bytes

HopInfo Describe() {
  return {.name = "torch",
          .version = TORCH_VERSION,
          .reads = {"torchscript"},
          .writes = "onnx",
          .takes_opset = true,
          .options = {{"batch", "free", "The first extent of every input: free, or as --shape has it.", "free|fixed"},
                      {"size", "free", "Height and width: free where the program allows it, or as --shape has them.",
                       "free|fixed"}},
          .loses = "the program's modules, its source lines, and the names of weights",
          .note = "the program runs once on two examples, so it needs a shape for every input"};
}

// Extents that the description leaves free become those of an example.
Shape ExampleOf(const TensorSpec& spec, const std::map<std::string, Shape>& shapes) {
  auto given = shapes.find(spec.name);
  if (given == shapes.end()) given = shapes.find("");
  Shape example = spec.shape;
  for (size_t axis = 0; axis < example.size(); ++axis) {
    const bool said = given != shapes.end() && given->second.size() == example.size() && given->second[axis] != kFree;
    if (said) example[axis] = given->second[axis];
    if (example[axis] != kFree) continue;
    if (axis == 0) {
      example[axis] = 1;
    } else if (example.size() == 4 && axis >= 2) {
      example[axis] = kUsualSize;
    } else {
      throw Error(ErrorCode::kUsage,
                  fmt::format("input '{}' is {}: its extent {} is free; give an example, --shape {}=..", spec.name,
                              ShapeText(spec.shape), axis, spec.name));
    }
  }
  return example;
}

Converted Convert(const Artifact& source, const ConvertOptions& options) {
  // What runs is short, and threads that wait for each other by spinning make it many times longer on a busy machine.
  at::set_num_threads(1);
  // Tensors that are done with go back to the system at once: the allocator would come to keep ever larger ones, in
  // pieces that the next do not fit into.
  mallopt(M_MMAP_THRESHOLD, kOwnMapping);
  torch::jit::Module module = ReadTorchScript(source.path);
  torchscript::ImportRequest request;
  request.inputs = TorchInputs(module, source, options.shapes, {});
  for (TensorSpec& input : request.inputs) input.shape = ExampleOf(input, options.shapes);
  for (const TensorSpec& output : source.outputs) request.outputs.push_back(output.name);
  if (options.opset != 0) request.opset = options.opset;
  request.free_batch = options.hop.Text("batch") == "free";
  request.free_size = options.hop.Text("size") == "free";

  torchscript::ImportResult result = torchscript::ImportTorchScript(std::move(module), request);
  Converted converted;
  converted.target = {
      options.destination, "onnx", graph::InputSpecs(result.model.graph), graph::OutputSpecs(result.model.graph), {}};
  // The program's arguments have the names that the graph's inputs have, and its results no names at all.
  converted.source = {source.path, source.format, converted.target.inputs, converted.target.outputs, source.layouts};
  core::KeepLayouts(source, converted.target);
  if (const Json told = core::DescriptionFor(options.description, converted.source, converted.target); told.is_object())
    result.model.metadata[core::kDescriptionKey] = core::DescriptionText(told);
  graph::WriteOnnx(result.model, options.destination);
  converted.notes = std::move(result.notes);
  converted.facts = {{"library", fmt::format("LibTorch {}", TORCH_VERSION)},
                     {"opset", request.opset},
                     {"nodes", result.model.graph.nodes().size()}};
  return converted;
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_HOP(bakeoff::Describe, bakeoff::Convert);
