// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The peer of bench/server: how late MLPerf LoadGen's Server scenario issues.
#pragma once

#include <cstdint>
#include <optional>

#include "bakeoff/engine.h"

namespace bakeoff::bench {

struct Lateness {
  double achieved_share = 0;  // achieved rate over offered
  double p50_ns = 0, p99_ns = 0, max_ns = 0;
};

// nullopt where LoadGen was not set up when this was built.
std::optional<Lateness> MeasurePeer(Request& request, double per_s, int64_t count);

}  // namespace bakeoff::bench
