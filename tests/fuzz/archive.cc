// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Archives of pictures: zip, tar and compressed tar, every entry read.
#include "data/container.h"
#include "fuzz/fuzz.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::MayRefuse([&] {
    const data::ContainerLimits limits{.entries = 1000, .entry_bytes = 1 << 20, .total_bytes = 1 << 24, .ratio = 100};
    const auto container = data::OpenContainer(fuzz::AsFile({data, size}, "archive"), limits);
    uint64_t total = 0;
    for (size_t i = 0; i < container->entries().size(); ++i) {
      const data::Entry& entry = container->entries()[i];
      fuzz::Demand(entry.name.find("..") == std::string::npos || data::SafeName(entry.name) == entry.name,
                   "a name that leaves the archive");
      fuzz::Demand((total += entry.size) <= limits.total_bytes, "more than the limit");
      fuzz::MayRefuse([&] { fuzz::Demand(container->ReadAll(i).size() == entry.size, "an entry of another size"); });
    }
  });
}
