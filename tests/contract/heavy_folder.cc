// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// heavy_folder FOLDER: our zoo's ResNet-18 with seeded weights as a model folder, for engines that read PyTorch's
// files.
#include <torch/utils.h>

#include <cstdio>
#include <string>

#include "bakeoff/error.h"
#include "train/model_folder_writer.h"
#include "train/zoo/zoo.h"

int main(int argc, char** argv) {
  using namespace bakeoff;
  if (argc != 2) {
    std::fprintf(stderr, "usage: heavy_folder FOLDER\n");
    return 2;
  }
  try {
    constexpr int64_t kSide = 224, kClasses = 1000;
    torch::manual_seed(1);
    const auto network = train::zoo::Build("resnet18", {.classes = kClasses, .image_size = kSide});
    train::Export description{.arch = "resnet18",
                              .image_size = kSide,
                              .classes = {},
                              .preprocess = data::Preprocess::ForSide(static_cast<int>(kSide))};
    for (int64_t i = 0; i < kClasses; ++i) description.classes.push_back(std::to_string(i));
    train::WriteModelFolder(argv[1], *network, description);
  } catch (const Error& error) {
    std::fprintf(stderr, "heavy_folder: %s\n", error.what());
    return 1;
  }
  return 0;
}
