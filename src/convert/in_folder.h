// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The formats that lie in a model folder beside the model that model.json names: whether each is still that model.
#pragma once

#include <filesystem>
#include <string>

#include "bakeoff/artifact.h"
#include "bakeoff/json.h"
#include "core/model_folder.h"

namespace bakeoff::convert {

// kForeign: something lies there that no conversion record speaks of. kStale: made by a conversion, but the model, what
// model.json says of it, or the file has changed since, or nobody compared answers.
enum class FolderState { kAbsent, kForeign, kStale, kCurrent };

struct InFolder {
  FolderState state = FolderState::kAbsent;
  std::filesystem::path path;
  std::string why;        // it is not current, as a half sentence
  Json record = nullptr;  // where there is one
};

// model.pt and "onnx" give FOLDER/model.onnx; a format that is a folder itself gets its identifier as its ending.
std::filesystem::path PathInFolder(const core::ModelFolder& folder, const FormatId& format);

// Never throws for what lies there; throws Error where the model itself cannot be read.
InFolder LookInFolder(const core::ModelFolder& folder, const FormatId& format);

}  // namespace bakeoff::convert
