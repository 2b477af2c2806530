// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pictures: BMP and EXIF are read by code of ours; the vendors' decoders run with the limits that we set them.
#include "data/image.h"

#include "fuzz/fuzz.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const data::DecodeLimits limits{.max_pixels = 1 << 18};
  static data::Image image;
  return fuzz::MayRefuse([&] {
    const data::ImageHeader header = data::ReadHeader({data, size}, limits);
    data::Decode({data, size}, image, limits);
    fuzz::Demand(image.width == header.shown_width() && image.height == header.shown_height(),
                 "a picture of another size than its header says");
    const data::Box box{image.width / 3, image.height / 3, image.width / 2, image.height / 2};
    if (!box.empty()) data::DecodeRegion({data, size}, header, box, image, limits);
  });
}
