// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// model.json: what a trained model is, for everybody who uses it (docs/model-folder.md is its reference).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/json.h"

namespace bakeoff::core {

struct ModelFolder {
  std::filesystem::path folder;
  std::string name;
  Artifact model;  // the file that model.json names, with inputs, outputs and layouts
  std::vector<std::string> classes;
  Json preprocess = nullptr;  // data::Preprocess::FromJson() reads it; null when the model has none
  Json whole;                 // everything, fields unknown to this version included
};

// Throws Error: kNotFound (no model.json, or the model file that it names is missing), kInvalidModel naming the file
// and the field.
ModelFolder ReadModelFolder(const std::filesystem::path& folder);

}  // namespace bakeoff::core
