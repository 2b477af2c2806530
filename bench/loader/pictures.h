// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The JPEG files that bench/loader reads: and that of bench/evaluate: made, seeded, with the detail of photographs.
#pragma once

#include <cstdint>
#include <string>

namespace bakeoff::bench {

struct PictureSize {
  int width = 500, height = 375;
};

// Writes `count` files in ten classes below `folder`. Returns their bytes.
uint64_t MakePictures(const std::string& folder, int count, uint64_t seed, PictureSize size = {});

}  // namespace bakeoff::bench
