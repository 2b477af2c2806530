// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX to TensorFlow SavedModel: the program that TFLite gets too, with TensorFlow's operators and constants in the
// graph.
#include "bakeoff/converter.h"
#include "converters/channels_last/lower_model.h"
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

Converted Convert(const Artifact& source, const ConvertOptions& options) {
  channels_last::Lowered lowered = channels_last::LowerModel(source, options, kTarget);
  to_savedmodel::GraphDef graph;
  to_savedmodel::Translator translator(lowered.program, graph);
  translator.Run();
  graph.Write(options.destination, translator.inputs(), translator.outputs());
  lowered.converted.facts["nodes"] = graph.size();
  return std::move(lowered.converted);
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_HOP(bakeoff::Describe, bakeoff::Convert);
