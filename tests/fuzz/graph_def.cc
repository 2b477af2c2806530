// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// TensorFlow frozen graphs, as `inspect` reads them.
#include "fuzz/facts.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::MayRefuse([&] { graph::ReadFrozenFacts(fuzz::AsFile({data, size}, "model.pb"), fuzz::ChooseTwo); });
}
