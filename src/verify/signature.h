// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The inputs or outputs of a model in canonical form, and which of them correspond between two models of one network.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/json.h"
#include "bakeoff/tensor.h"
#include "verify/layout.h"

namespace bakeoff::verify {

struct Port {
  std::string name;
  DType type = DType::kF32;
  Shape shape;  // concrete, in the model's own order
  Layout layout;
  Shape canonical;  // the same in canonical order
};

using Ports = std::vector<Port>;

// `shapes` has a concrete shape for each of `specs`.
Ports PortsOf(const Artifact& artifact, const std::vector<TensorSpec>& specs,
              const std::map<std::string, Shape>& shapes);

// For each of `mine` the index in `reference` that corresponds: by name; by name without what some formats add to it;
// by position, or else uniquely, where element types and numbers of elements agree; the same by numbers of elements
// alone. nullopt where none of these holds.
std::optional<std::vector<size_t>> Pair(const Ports& reference, const Ports& mine);

// {"x": {"axes": "NCHW" or null, "assumed": false, "shape": [..]}} for results.
Json LayoutsJson(const Ports& ports);

// "x f32 1x3x224x224 (NCHW, assumed), ..." for messages.
std::string PortsText(const Ports& ports);

// Samples of one inference on `inputs`, whose model tells `specs` and `outputs` (none where it does not tell): the
// first extent where it was free, else that of the layout's N. Where neither is known, the first extent that all of
// them have in common, if somebody `said` it (--shape) or every input has two axes (NC, as benchmark_app of OpenVINO
// guesses too); else 1.
int64_t BatchOf(const Ports& inputs, const std::vector<TensorSpec>& specs, const std::vector<TensorSpec>& outputs,
                bool said);

}  // namespace bakeoff::verify
