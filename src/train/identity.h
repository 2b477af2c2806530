// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What must be the same for a run to go on from a checkpoint and end as if it had never stopped.
#pragma once

#include <filesystem>

#include "bakeoff/json.h"
#include "train/trainer.h"

namespace bakeoff::train {

// {"options", "data", "cpu", "classes"}: part of every checkpoint's progress.
Json IdentityOf(const TrainRun& run);

// Throws Error{kUsage} naming the first difference between the checkpoint's `progress` and what the run is now.
void CheckIdentity(const std::filesystem::path& checkpoint, const Json& progress, const Json& now);

}  // namespace bakeoff::train
