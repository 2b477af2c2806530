// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// From the shapes that a user gave to one concrete shape per input: the rule is the same for every engine.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/tensor.h"

namespace bakeoff::core {

// For each input what the model calls its axes, outermost first; "" for one without a name.
using AxisNames = std::map<std::string, std::vector<std::string>>;

// One concrete shape for each of `inputs`: the given one, else the model's own, whose first extent, if free, is the
// batch: `batch` if that is not 0, else what `given` says of other such inputs where it agrees with itself, else 1.
// The name "" means the only input; a given extent that is free means the model's own. Throws Error: kUsage for a given
// name that is no input (naming the nearest and listing all), a given shape of another rank, and a free extent beyond
// the first that nobody set (naming input and axis, as `axes` calls it), free extents of one name with different values
// (in ONNX a name stands for one number); kUnsupported for a batch that no input takes.
// Whether a fixed extent may be changed is the engine's business.
std::map<std::string, Shape> CompleteShapes(const std::vector<TensorSpec>& inputs,
                                            const std::map<std::string, Shape>& given, int64_t batch = 0,
                                            const AxisNames& axes = {});

// The inputs' shapes with the given extents put in; free ones of `given`, and inputs that it does not name, keep the
// model's. Names as in CompleteShapes(). Throws Error: kUsage (such a name or rank), kUnsupported (another extent than
// a fixed one).
std::map<std::string, Shape> FixShapes(const std::vector<TensorSpec>& inputs,
                                       const std::map<std::string, Shape>& given);

// That `shapes`, complete, are what a loaded model takes. Throws Error{kUsage} naming the input and both shapes.
void CheckShapes(const std::vector<TensorSpec>& inputs, const std::map<std::string, Shape>& shapes);

// The inverse of ShapeText(): "1x3x224x224", "?x10" (? is free), "scalar". Throws Error{kUsage} naming `what`, the text
// and what is accepted; also for an extent below 1.
Shape ParseShape(std::string_view what, std::string_view text);

}  // namespace bakeoff::core
