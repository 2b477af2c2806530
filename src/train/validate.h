// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Loss and metrics of a network over one split.
#pragma once

#include <string>
#include <vector>

#include "core/classification.h"
#include "train/batches.h"
#include "train/options.h"
#include "train/zoo/zoo.h"

namespace bakeoff::train {

torch::Device DeviceOf(const TrainOptions& options);

// Pictures on the device and in the layout that the network computes in.
torch::Tensor ForNetwork(const torch::Tensor& images, const TrainOptions& options);

struct Validation {
  double loss = 0;
  core::ClassificationCounter counter;
};

// In evaluation mode; the network is afterwards in the mode that it was in.
Validation Validate(zoo::Classifier& network, BatchSource& source, const std::vector<std::string>& classes,
                    const TrainOptions& options);

}  // namespace bakeoff::train
