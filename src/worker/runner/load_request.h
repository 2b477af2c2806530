// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads a `load` request and refuses what this engine cannot do, before the engine sees it.
#pragma once

#include "bakeoff/engine.h"

namespace bakeoff::worker {

// `head` is the request. Throws Error: kUsage for a field of the wrong type, kUnsupported for a format that the engine
// does not read, kNotFound where the file is not there.
Artifact ArtifactFromJson(const Json& head, const EngineInfo& info);

// Throws Error: kUsage for a field of the wrong type or range and for an unknown option; kUnsupported for a device,
// precision or number of streams that the engine does not have, listing what it has.
SessionOptions SessionOptionsFromJson(const Json& head, const EngineInfo& info);

}  // namespace bakeoff::worker
