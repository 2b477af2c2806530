// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Everything that a training run needs to go on as if it had never stopped.
#pragma once

#include <filesystem>
#include <optional>

#include "bakeoff/json.h"
#include "train/weights.h"

namespace bakeoff::train {

struct Checkpoint {
  StateDict network, optimizer, average;  // average is empty without EMA
  // Where the run stands and what it was told:
  // {"epoch","batch","step","best","best_epoch","options","data","threads","cpu","history"}.
  Json progress;
};

// One safetensors file, written atomically: killed at any moment, the previous checkpoint is still whole. Throws
// Error{kUnavailable} (disk full).
void SaveCheckpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);
// nullopt when there is none. Throws Error{kInvalidModel} naming the file when it is damaged or of another version.
std::optional<Checkpoint> LoadCheckpoint(const std::filesystem::path& path);

// The instruction set LibTorch dispatches to ("AVX2" ...): kernels differ in the last bit between levels, so a run goes
// on only on the same one.
std::string CpuLevel();

}  // namespace bakeoff::train
