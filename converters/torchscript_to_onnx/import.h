// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// TorchScript to the graph: freezes and inlines a program, runs it node by node on probe inputs, and writes the ONNX
// operators of each node.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <vector>

#include "bakeoff/tensor.h"
#include "graph/model.h"

namespace bakeoff::torchscript {

struct ImportRequest {
  // In the order of the program's arguments. Shapes are those of an example, all extents numbers; the first extent of
  // each becomes the batch if `free_batch`.
  std::vector<TensorSpec> inputs;
  // Names of the results; where there are fewer than results, or none, they are "output", or numbered.
  std::vector<std::string> outputs;
  int64_t opset = graph::kDefaultOpset;  // 13 to 21
  bool free_batch = true;
  // Also height and width of four-dimensional inputs, where the program runs at another size and every operator
  // allows it.
  bool free_size = true;
};

struct ImportResult {
  graph::Model model;
  bool size_is_free = false;
  std::vector<std::string> notes;  // why an extent that was wished free is not
};

// Throws Error: kUnsupported that lists every operator that cannot be expressed, with the node's name and why; kUsage
// where the program does not run on inputs of these shapes; kConversion where LibTorch cannot freeze it.
// Changes `module`: it is put into evaluation mode.
ImportResult ImportTorchScript(torch::jit::Module module, const ImportRequest& request);

}  // namespace bakeoff::torchscript
