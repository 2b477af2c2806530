// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the hops from ONNX to TFLite and to TensorFlow have in common: everything but writing the result.
#pragma once

#include "bakeoff/converter.h"
#include "converters/channels_last/program.h"

namespace bakeoff::channels_last {

// What one target is called.
struct Target {
  const char* hop;     // its name, for errors
  const char* title;   // "TFLite"
  const char* format;  // identifier of what is written
  bool has_erf = false;
  // Operators take shapes that are computed. LiteRT's compiled models end in a corrupted heap where the shape of an
  // output comes out of such an operator (2.3.0, TRANSPOSE_CONV with a free batch).
  bool takes_computed_shapes = false;
};

struct Lowered {
  Program program;
  Converted converted;  // complete, but for facts that only the writer knows
};

// The model without what a file of the target must look like. Throws Error: what the readers say, kUnsupported with all
// operators that have no place there.
Lowered LowerModel(const Artifact& source, const ConvertOptions& options, const Target& target);

}  // namespace bakeoff::channels_last
