// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Stands in where MLPerf LoadGen was not set up.
#include "peer.h"

namespace bakeoff::bench {

std::optional<Lateness> MeasurePeer(Request&, double, int64_t) {
  return std::nullopt;
}

}  // namespace bakeoff::bench
