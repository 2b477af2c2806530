// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A program as a TFLite file.
#pragma once

#include <cstddef>
#include <filesystem>

#include "bakeoff/json.h"
#include "converters/channels_last/program.h"

namespace bakeoff::to_tflite {

// Returns the number of operators written. `description` goes into the file's metadata, if it is not null. Throws
// Error: kUnsupported above what the format's 32-bit offsets can reach, kUnavailable (disk).
size_t WriteTflite(const channels_last::Program& program, const Json& description, const std::filesystem::path& path);

}  // namespace bakeoff::to_tflite
