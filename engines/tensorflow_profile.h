// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// TensorFlow's step statistics: the nodes that ran in one TF_SessionRun with tracing.
#pragma once

#include <tensorflow/c/c_api.h>

#include "bakeoff/engine.h"

namespace bakeoff {

// Serialised RunOptions that ask for a trace.
const TF_Buffer* TracingRunOptions();
// Adds the nodes in a serialised RunMetadata. Throws Error{kEngineFailed} for bytes that are none.
void TensorFlowProfile(const TF_Buffer& metadata, Profile& profile);

}  // namespace bakeoff
