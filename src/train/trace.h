// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Turns a live network into TorchScript by tracing it from C++.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>

#include "train/zoo/zoo.h"

namespace bakeoff::train {

// What the check of a trace found.
struct TraceCheck {
  double largest_difference = 0;  // over batches 1 and 3 of seeded normal images
  double largest_output = 0;
};

// A parameter's name in the traced module: '.' becomes '_'.
std::string FlatName(std::string name);

// Traces the evaluation mode with images of image_size x image_size. Parameters share memory with the network and keep
// their names with '.' replaced by '_'. The batch stays free: the trace is run with batches it never saw. Throws
// Error{kConversion} when the traced module's answers differ from the network's by more than 1e-5 of the largest
// output.
torch::jit::Module TraceClassifier(zoo::Classifier& network, int64_t image_size, TraceCheck* check = nullptr);

}  // namespace bakeoff::train
