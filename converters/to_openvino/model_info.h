// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A model's description as the model_info that OpenVINO's Model API reads from an IR.
#pragma once

#include <openvino/openvino.hpp>

#include "bakeoff/json.h"

namespace bakeoff {

// Nothing for a description that is null.
void AddModelInfo(const Json& description, ov::Model& model);

}  // namespace bakeoff
