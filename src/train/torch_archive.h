// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// State dicts as torch.save() writes them: a zip archive of one pickle and the bytes of its tensors.
#pragma once

#include <filesystem>

#include "train/weights.h"

namespace bakeoff::train {

// The tensors of a dict, or of the dict that it has under "state_dict" or "model". Nothing in the file is executed: of
// pickle's programs only those run that make dicts, lists, numbers, texts and tensors, whatever else stands there is
// refused by name. Throws Error{kInvalidModel} naming the file and what is wrong with it.
StateDict ReadTorchArchive(const std::filesystem::path& path);

// LibTorch makes room for what an archive's directory states before it reads a byte. Throws Error{kInvalidModel} naming
// the file where a record is said to hold more than the file can give.
void CheckRecordSizes(const std::filesystem::path& path);

}  // namespace bakeoff::train
