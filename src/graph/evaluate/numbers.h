// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: tensors of any number type as doubles or 64-bit integers, and back. Only for the files of this
// folder.
#pragma once

#include <vector>

#include "graph/evaluate/kernel.h"

namespace bakeoff::graph {

bool IsReal(ElementType type);  // a floating type
// Throw Error{kUnsupported} for types that have no such form (strings, complex numbers, 8- and 4-bit floats).
std::vector<double> Reals(const Call& call, const Tensor& tensor);
std::vector<int64_t> Wholes(const Call& call, const Tensor& tensor);
// Rounded to nearest, or wrapped.
Tensor FromReals(ElementType type, std::vector<int64_t> dims, const std::vector<double>& values);
Tensor FromWholes(ElementType type, std::vector<int64_t> dims, const std::vector<int64_t>& values);

// IEEE half precision.
float HalfToFloat(uint16_t half);
uint16_t FloatToHalf(float value);

}  // namespace bakeoff::graph
