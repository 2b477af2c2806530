// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Weight files: safetensors and the zip archives of torch.save, whose pickle is run by an interpreter of ours.
#include "train/weights.h"

#include "fuzz/fuzz.h"
#include "train/torch_script.h"

using namespace bakeoff;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string path = fuzz::AsFile({data, size}, "weights");
  if (train::IsTorchScript(path)) return 0;  // for LibTorch's own reader
  return fuzz::MayRefuse([&] {
    std::map<std::string, std::string> metadata;
    for (const auto& [name, tensor] : train::ReadWeights(path, &metadata)) {
      // Every element must be readable, also through the strides that the file chose.
      if (tensor.numel() > 0 && tensor.numel() < 1 << 16) tensor.to(torch::kFloat64).sum();
    }
  });
}
