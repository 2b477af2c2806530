// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// TensorFlow Lite files, as `inspect` reads them.
#include "fuzz/facts.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::MayRefuse([&] { graph::ReadTfliteFacts(fuzz::AsFile({data, size}, "model.tflite"), fuzz::ChooseTwo); });
}
