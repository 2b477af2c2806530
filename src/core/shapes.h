// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// From the shapes that a user gave to one concrete shape per input: the rule is the same for every engine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bakeoff/tensor.h"

namespace bakeoff::core {

// One concrete shape for each of `inputs`: the given one, else the model's own with a free first extent (the batch)
// as 1. Throws Error{kUsage} for a given name that is no input (naming the nearest and listing all), a given shape of
// another rank or with a free extent, and for a free extent beyond the first that nobody set (naming input and axis).
// Whether a fixed extent may be changed is the engine's business.
std::map<std::string, Shape> CompleteShapes(const std::vector<TensorSpec>& inputs,
                                            const std::map<std::string, Shape>& given);

}  // namespace bakeoff::core
