// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a file of any format says about its model, and what is made of it for the next one.
#include "graph/files/description.h"

#include "core/model_description.h"
#include "fuzz/fuzz.h"

using namespace bakeoff;

namespace {

void Use(const Json& description) {
  if (description.is_null()) return;
  const Artifact target{.path = "",
                        .format = "",
                        .inputs = {{"in", DType::kF32, {-1, 8, 6, 3}}},
                        .outputs = {{"out", DType::kF32, {-1, 2}}},
                        .layouts = {{"in", "NHWC"}}};
  const Json told = core::DescriptionFor(description, target, target);
  core::ClassLines(told);
  core::PixelRuleOf(told);
  fuzz::Demand(!core::ParseDescription(core::DescriptionText(told)).is_null(), "what is written is not read back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string path = fuzz::AsFile({data, size}, "model.bin");
  for (const char* format : {"onnx", "tflite", "openvino", "torchscript"})
    Use(graph::DescriptionIn({.path = path, .format = format, .inputs = {}, .outputs = {}, .layouts = {}}));
  Use(core::ParseDescription({reinterpret_cast<const char*>(data), size}));
  return 0;
}
