// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads one array from a .npy file (NumPy's format, versions 1 to 3).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "bakeoff/tensor.h"

namespace bakeoff::core {

struct Array {
  DType type = DType::kF32;
  Shape shape;
  std::vector<std::byte> data;  // row-major, this machine's byte order
};

// Little- and big-endian, C and Fortran order. Throws Error: kNotFound, kUnavailable (reading), kUsage (not such a
// file, cut short, an element type that tensors do not have), naming the file.
Array ReadNpy(const std::filesystem::path& path);
// The same from memory; `name` is for messages.
Array ParseNpy(std::string_view content, std::string_view name);

}  // namespace bakeoff::core
