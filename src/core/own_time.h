// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Operators that have others inside them (loops, functions): whose time is whose.
#pragma once

#include <span>

#include "bakeoff/engine.h"

namespace bakeoff::core {

// Takes from each operator the time of those that lie within it, of the same inference and on the same thread. All of
// them must have begins and threads; other pairs that overlap are left as they are.
void TakeInnerTimesOff(std::span<OperatorRun> operators);

}  // namespace bakeoff::core
