// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a TorchScript program consists of, for `bakeoff inspect`.
#pragma once

#include "bakeoff/engine.h"

namespace bakeoff {

// The `census` reply of docs/architecture.md. Runs the program once where the shapes of all inputs are known.
Json TorchCensus(const Artifact& artifact, const SessionOptions& options);

}  // namespace bakeoff
