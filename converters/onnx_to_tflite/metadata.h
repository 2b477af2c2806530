// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A model's description in the form that TFLite's own tools read: a flatbuffer among the buffers, and labels in a zip
// archive behind the model.
#pragma once

#include <string>

#include "bakeoff/json.h"

namespace bakeoff::to_tflite {

// Name of the metadata entry that those tools look for.
inline constexpr const char* kMetadataName = "TFLITE_METADATA";

// The flatbuffer. A description that is null gives "".
std::string MetadataOf(const Json& description);

// A zip archive with labels.txt, to follow `model_bytes` of model; "" where the description names no classes. Readers
// find the archive from the file's end, and its offsets count from the file's start.
std::string LabelsArchive(const Json& description, size_t model_bytes);

}  // namespace bakeoff::to_tflite
