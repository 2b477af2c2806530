// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Writes a trained network as a model folder: model.pt, weights.safetensors, model.json.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "data/preprocess.h"
#include "train/zoo/zoo.h"

namespace bakeoff::train {

struct Export {
  std::string arch;
  int64_t image_size = 0;
  double width = 1;
  bool small_stem = false;
  std::vector<std::string> classes;
  data::Preprocess preprocess;
  Json metrics = nullptr, training = nullptr, data = nullptr;  // copied into model.json
};

// Key of weights.safetensors' metadata: {"arch", "image_size", "width", "small_stem", "classes"} as JSON text, so that
// --init FILE rebuilds the network without being told.
inline constexpr const char* kFormMetadata = "bakeoff_form";

// Traces, checks the trace against the live network, and writes the three files, model.json last: a folder without it
// is not finished. Throws Error: kInvalidModel (a weight is not finite), kConversion (the trace answers differently),
// kUnavailable naming the file.
void WriteModelFolder(const std::filesystem::path& folder, zoo::Classifier& network, const Export& description);

}  // namespace bakeoff::train
