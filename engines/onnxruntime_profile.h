// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX Runtime's profiling file: a list of trace events, one for each time that a node ran.
#pragma once

#include <string>

#include "bakeoff/engine.h"

namespace bakeoff {

// Adds the nodes in `text`, the contents of the file, to `profile`, whose `run` is the number of the last inference in
// it. Throws Error{kEngineFailed} for a text that is no such list.
void ReadOrtProfile(const std::string& text, Profile& profile);

}  // namespace bakeoff
