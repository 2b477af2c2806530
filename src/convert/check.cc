// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What can be checked about a model without running it.
#include <fmt/format.h>

#include <cmath>

#include "bakeoff/error.h"
#include "convert/convert.h"
#include "core/elements.h"
#include "graph/onnx.h"

namespace bakeoff::convert {
namespace {

bool HasNan(const graph::Tensor& tensor) {
  if (tensor.type == graph::ElementType::kF32) {
    for (const float value : tensor.Floats()) {
      if (std::isnan(value)) return true;
    }
  }
  return false;
}

}  // namespace

void CheckArtifact(const Artifact& artifact) {
  if (artifact.format != "onnx") return;
  const graph::Model model = graph::ReadOnnx(artifact.path);
  graph::CheckOnnx(model);
  for (const graph::Value& value : model.graph.values()) {
    if (value.constant() && HasNan(*value.constant())) {
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("{}: the weights '{}' hold NaN; every answer of this model is worthless", artifact.path,
                              value.name()));
    }
  }
}

}  // namespace bakeoff::convert
