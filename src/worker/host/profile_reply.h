// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The reply to `profile`, checked.
#pragma once

#include "worker/host/handle.h"
#include "worker/wire.h"

namespace bakeoff::worker {

// Throws Error{kEngineFailed} for what does not fit together.
ProfileReply ProfileFromFrame(const Frame& frame);

}  // namespace bakeoff::worker
