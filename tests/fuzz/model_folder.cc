// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// model.json of a model folder, with the pre-processing that it may hold.
#include "core/model_folder.h"

#include "data/preprocess.h"
#include "fuzz/fuzz.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::AsFile({data, size}, "model.json");
  static const std::string model = fuzz::AsFile({}, "model.pt");
  return fuzz::MayRefuse([&] {
    const core::ModelFolder folder = core::ReadModelFolder(".");
    if (!folder.preprocess.is_null()) data::Preprocess::FromJson(folder.preprocess);
  });
}
