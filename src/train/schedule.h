// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Learning rates over a run.
#pragma once

#include <cstdint>

#include "train/options.h"

namespace bakeoff::train {

// The rate of optimiser step `step` (from 0) of `steps` in all, `steps_per_epoch` of them an epoch. Linear warm-up from
// a tenth over warmup_epochs comes before step, cosine (Loshchilov and Hutter 2016) and constant; one-cycle (Smith
// 2017) has its own: up from 1/25 over the first 30 % by cosine, then down by cosine to final_factor.
double LearningRate(const TrainOptions& options, int64_t step, int64_t steps, int64_t steps_per_epoch);

}  // namespace bakeoff::train
