// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A model on disk: where it is, what format it has, and what the host knows about its inputs and outputs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bakeoff/tensor.h"

namespace bakeoff {

// Format identifiers are lower-case words ("onnx", "tflite", "torchscript", "savedmodel" ...). The table with
// names, file endings and how each is recognised is src/core/formats.h; an engine may read formats that are
// not in the table.
using FormatId = std::string;

struct Artifact {
  std::string path;  // a file or, for folder formats, a directory
  FormatId format;
  // What the host knows beyond the file (from model.json or the command line); empty where it knows nothing.
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  // Axis meaning per input or output name, where known: "NCHW", "NHWC", "NC" ...
  std::map<std::string, std::string> layouts;
  // The model folder whose model.json named the file; empty where there was none. An engine that reads the format
  // "folder" is given this as its path.
  std::string folder{};
};

}  // namespace bakeoff
