// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The weights inside a TorchScript file.
#pragma once

#include <filesystem>

#include "train/weights.h"

namespace bakeoff::train {

// Whether the zip archive is one of torch.jit.save(), not of torch.save(). False for what is no such archive at all.
bool IsTorchScript(const std::filesystem::path& path);

// Its parameters and buffers under the names of its modules. Throws Error{kInvalidModel} naming the file: damaged, or
// without weights (a frozen module has them as constants, without names).
StateDict ReadTorchScript(const std::filesystem::path& path);

}  // namespace bakeoff::train
