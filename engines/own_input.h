// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The input of an engine that reads no model, where it has one of its own.
#pragma once

#include <fmt/format.h>

#include <string>

#include "bakeoff/engine.h"
#include "bakeoff/error.h"
#include "core/shapes.h"

namespace bakeoff {

// An f32 input `input` of the shape in the engine option `shapes`. What the user said about other inputs means the
// model's, which this engine does not have: that is said, instead of that the model has no such input.
inline TensorSpec OwnInput(const SessionOptions& options) {
  const std::string& engine = options.engine.owner();
  const TensorSpec own{"input", DType::kF32, core::ParseShape(engine + ".shapes", options.engine.Text("shapes"))};
  if (options.engine.IsGiven("shapes")) return own;
  for (const auto& [name, shape] : options.shapes) {
    if (name.empty() || name == own.name) continue;
    throw Error(ErrorCode::kUsage,
                fmt::format("--shape {0}={1}: {2} reads no model and has an input of its own here; give it that shape "
                            "with -o {2}.shapes={1} instead of --shape, or name an engine that reads the model beside "
                            "{2}",
                            name, ShapeText(shape), engine));
  }
  return own;
}

}  // namespace bakeoff
