// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The JPEG files that bench/loader reads: made, seeded, of the size and detail of photographs.
#pragma once

#include <cstdint>
#include <string>

namespace bakeoff::bench {

// Writes `count` files of 500x375 pixels in ten classes below `folder`. Returns their bytes.
uint64_t MakePictures(const std::string& folder, int count, uint64_t seed);

}  // namespace bakeoff::bench
