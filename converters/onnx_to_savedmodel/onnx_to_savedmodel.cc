// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX to TensorFlow SavedModel: the program that TFLite gets too, with TensorFlow's operators and constants in the
// graph.
#include "bakeoff/converter.h"
#include "converters/channels_last/lower_model.h"
#include "core/files.h"
#include "core/model_description.h"
#include "graph_def.h"
#include "translate.h"

namespace bakeoff {
namespace {

constexpr channels_last::Target kTarget{.hop = "onnx-savedmodel",
                                        .title = "TensorFlow",
                                        .format = "savedmodel",
                                        .has_erf = true,
                                        .takes_computed_shapes = true};

HopInfo Describe() {
  return {.name = kTarget.hop,
          .version = "1",
          .reads = {"onnx"},
          .writes = kTarget.format,
          .precisions = {"f32", "f16"},
          .loses = "names of free extents, metadata"};
}

// Loaders leave this folder alone; what reads a SavedModel finds in it what people added.
void WriteDescription(const ConvertOptions& options, const Converted& converted) {
  const Json description = core::DescriptionFor(options.description, converted.source, converted.target);
  if (!description.is_object()) return;
  const std::filesystem::path folder = std::filesystem::path(options.destination) / core::kSavedModelExtra;
  std::error_code failure;
  std::filesystem::create_directory(folder, failure);
  core::WriteFileAtomically(folder / core::kDescriptionFile, core::DescriptionText(description), "\n");
  if (const std::string labels = core::ClassLines(description); !labels.empty())
    core::WriteFileAtomically(folder / "labels.txt", labels);
}

Converted Convert(const Artifact& source, const ConvertOptions& options) {
  channels_last::Lowered lowered = channels_last::LowerModel(source, options, kTarget);
  to_savedmodel::GraphDef graph;
  to_savedmodel::Translator translator(lowered.program, graph);
  translator.Run();
  graph.Write(options.destination, translator.inputs(), translator.outputs());
  WriteDescription(options, lowered.converted);
  lowered.converted.facts["nodes"] = graph.size();
  return std::move(lowered.converted);
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_HOP(bakeoff::Describe, bakeoff::Convert);
