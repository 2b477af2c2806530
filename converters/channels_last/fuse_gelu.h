// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// TFLite has no Erf but a GELU: x * (1 + erf(x / sqrt 2)) / 2, as networks of opsets below 20 spell it, becomes one
// node.
#pragma once

#include "graph/model.h"

namespace bakeoff::channels_last {

// Returns how many were found. The nodes that are then without use are dead code.
size_t FuseGelu(graph::Model& model);

}  // namespace bakeoff::channels_last
