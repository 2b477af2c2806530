// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// NumPy's .npy files.
#include "core/npy.h"

#include "fuzz/fuzz.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::MayRefuse([&] {
    const core::Array array = core::ParseNpy({reinterpret_cast<const char*>(data), size}, "input.npy");
    size_t count = 1;
    for (const int64_t extent : array.shape) count *= static_cast<size_t>(extent);
    fuzz::Demand(array.data.size() == count * DTypeSize(array.type), "an array whose bytes are not those of its shape");
  });
}
