// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Inputs and outputs of an ONNX file, read from its bytes: no protobuf library, no weights touched.
#pragma once

#include <string>
#include <vector>

#include "bakeoff/tensor.h"
#include "core/shapes.h"

namespace bakeoff::core {

struct OnnxPorts {
  std::vector<TensorSpec> inputs;     // without those that an initializer fills
  std::vector<TensorSpec> outputs;    // an unknown rank reads as an empty shape
  AxisNames axes;                     // of the inputs
  std::vector<std::string> rankless;  // inputs that have no shape at all
  // Files beside the model that hold weights, as it names them; each once.
  std::vector<std::string> weight_files;
};

// Throws Error: kNotFound or kUnavailable (no file, unreadable), kInvalidModel (not an ONNX model, or cut short),
// kUnsupported (an input or output that is no tensor, or of a type that Bakeoff does not carry), each naming the file.
OnnxPorts ReadOnnxPorts(const std::string& path);

// Throws Error{kNotFound} naming the first of `ports.weight_files` that does not lie beside the model.
void NeedWeightFiles(const std::string& path, const OnnxPorts& ports);

}  // namespace bakeoff::core
