// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The cheap looks into files by which a model's format is told: names in a zip, top-level fields of a protobuf.
#include "core/format_probe.h"
#include "core/formats.h"
#include "fuzz/fuzz.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string path = fuzz::AsFile({data, size}, "model.bin");
  core::ZipNames(path);
  core::ZipContent(path, "data.pkl", size);
  const core::ProtoFields fields = core::TopLevelFields(path);
  for (const core::ProtoField& field : fields.fields)
    fuzz::Demand(field.offset <= size, "a field beyond the file's end");
  return 0;
}
