// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX to TFLite: the graph is simplified, gets an order of axes with few transposes, and is written operator by
// operator.
#include "bakeoff/converter.h"
#include "converters/channels_last/lower_model.h"
#include "core/model_description.h"
#include "write_tflite.h"

namespace bakeoff {
namespace {

constexpr channels_last::Target kTarget{.hop = "onnx-tflite", .title = "TFLite", .format = "tflite"};

HopInfo Describe() {
  return {.name = kTarget.hop,
          .version = "1",
          .reads = {"onnx"},
          .writes = kTarget.format,
          .precisions = {"f32", "f16"},
          .loses = "names of nodes and of free extents, metadata"};
}

Converted Convert(const Artifact& source, const ConvertOptions& options) {
  channels_last::Lowered lowered = channels_last::LowerModel(source, options, kTarget);
  lowered.converted.facts["operators"] = to_tflite::WriteTflite(
      lowered.program, core::DescriptionFor(options.description, lowered.converted.source, lowered.converted.target),
      options.destination);
  return std::move(lowered.converted);
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_HOP(bakeoff::Describe, bakeoff::Convert);
