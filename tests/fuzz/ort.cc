// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ORT files into the graph.
#include "fuzz/fuzz.h"
#include "graph/onnx.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::MayRefuse([&] { graph::ReadOrt(fuzz::AsFile({data, size}, "model.ort")); });
}
