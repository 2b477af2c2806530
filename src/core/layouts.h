// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the axes of a model's inputs and outputs mean, and who says so.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"

namespace bakeoff::core {

// The key of Artifact::layouts for what was said of the whole model: no tensor has an empty name.
inline constexpr const char* kAllTensors = "";

// One letter per axis, outermost first: "NCHW", "NHWC", "NC". Empty: nobody said, the axes are taken as they are.
struct Layout {
  std::string axes;
  bool assumed = false;  // the format's habit, not knowledge

  bool operator==(const Layout&) const = default;
};

// The layout of a tensor of the artifact: what the artifact says of it, else what it says of all tensors of that rank,
// else the habit of its format for rank 4, else nothing. Throws Error{kUsage} for a layout of another rank, naming the
// tensor.
Layout LayoutOf(const Artifact& artifact, const std::string& name, size_t rank);

// For a hop that keeps names and order of axes: tells the target's tensors what the source's axes mean, because the
// habit of the target's format may be another. Throws as LayoutOf() does.
void KeepLayouts(const Artifact& source, Artifact& target);

}  // namespace bakeoff::core
