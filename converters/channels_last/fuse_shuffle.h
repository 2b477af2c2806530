// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: a shuffle of channels, written as a reshape, a transpose and a reshape, becomes one Gather. The reshapes could
// not be told to a target where batch, height and width are free.
#pragma once

#include <cstddef>

#include "graph/model.h"

namespace bakeoff::channels_last {

// Needs inferred shapes. Returns how many it found; what they no longer need is dead code.
size_t FuseShuffle(graph::Model& model);

}  // namespace bakeoff::channels_last
