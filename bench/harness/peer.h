// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The peer of bench/harness: another harness that drives the same no-op.
#pragma once

#include <cstdint>
#include <optional>

#include "bakeoff/engine.h"

namespace bakeoff::bench {

struct HarnessCost {
  double wall_ns = 0;  // per inference
  int64_t p50_ns = 0;  // as the harness itself reports it
  int64_t inferences = 0;
};

// nullopt where the peer was not set up when this was built.
std::optional<HarnessCost> MeasurePeer(Request& request, int64_t count);

}  // namespace bakeoff::bench
