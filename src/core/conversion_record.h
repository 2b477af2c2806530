// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The record that `bakeoff convert` leaves beside its result; what later readers of the model need from it.
#pragma once

#include <filesystem>
#include <optional>

#include "bakeoff/artifact.h"
#include "bakeoff/json.h"

namespace bakeoff::core {

inline constexpr int kConversionSchema = 1;
inline constexpr const char* kFolderRecord = "conversion.json";

// model.xml.conversion.json for a file, FOLDER/conversion.json for a folder.
std::filesystem::path ConversionRecordPath(const std::filesystem::path& model, bool is_folder);

// The record of the model, if it has one that is about it: a file of another size was written since by somebody else.
// Never throws: a damaged record is none.
std::optional<Json> ReadConversionRecord(const std::filesystem::path& model);

// Inputs, outputs and layouts of the record go into the artifact; what the artifact says already stays.
void AddConversionRecord(Artifact& artifact);

}  // namespace bakeoff::core
