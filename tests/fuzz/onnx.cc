// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX files into the graph, and the two readers of ONNX that need no protobuf library.
#include "graph/onnx.h"

#include "core/onnx_ports.h"
#include "core/onnx_skim.h"
#include "fuzz/fuzz.h"
#include "graph/census.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string path = fuzz::AsFile({data, size}, "model.onnx");
  core::SkimOnnx(path);
  core::MissingExternalFiles(path);
  fuzz::MayRefuse([&] { core::ReadOnnxPorts(path); });
  return fuzz::MayRefuse([&] {
    graph::Model model = graph::ReadOnnx(path);
    graph::CheckOnnx(model);
    graph::InferShapes(model, graph::Inference::kLenient);
  });
}
