// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// OpenVINO IR, as `inspect` reads it.
#include "fuzz/facts.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::MayRefuse([&] { graph::ReadNetXmlFacts(fuzz::AsFile({data, size}, "model.xml"), fuzz::ChooseTwo); });
}
