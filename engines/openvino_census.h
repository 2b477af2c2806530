// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What OpenVINO knows of a file whose own reader cannot follow every shape.
#pragma once

#include "bakeoff/engine.h"

namespace bakeoff {

// The `census` of EngineEntry: operators as OpenVINO has them, with multiply-adds for the shapes in `options`.
Json OpenVinoCensus(const Artifact& artifact, const SessionOptions& options);

}  // namespace bakeoff
