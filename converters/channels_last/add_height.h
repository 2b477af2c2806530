// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: windows over one axis become windows over height and width, with a height of 1: the targets have no others.
#pragma once

#include <cstddef>

#include "graph/model.h"

namespace bakeoff::channels_last {

// Convolutions and pools of values of rank 3 get an Unsqueeze before and a Squeeze behind them. Needs inferred shapes.
// Returns how many there were.
size_t AddHeight(graph::Model& model);

}  // namespace bakeoff::channels_last
