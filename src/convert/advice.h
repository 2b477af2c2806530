// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a user can type to get a model that an engine reads, or which hop is missing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "verify/session.h"
#include "worker/host/catalog.h"

namespace bakeoff::convert {

// For an engine that does not read `source`: the `bakeoff convert` line of the shortest route, with a name for the
// result that is not taken in the current folder, and --shape from `shapes` where the source does not tell its own; or
// why there is none. Asks nobody: whether each operator can be converted is for the conversion to say.
verify::Advice AdviceFor(const EngineInfo& engine, const Artifact& source,
                         const std::vector<worker::HopEntryStatus>& hops, const std::map<std::string, Shape>& shapes);

}  // namespace bakeoff::convert
