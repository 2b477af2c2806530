// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The description that a conversion put into a model file's own metadata (core/model_description.h).
#pragma once

#include "bakeoff/artifact.h"
#include "bakeoff/json.h"

namespace bakeoff::graph {

// Null where the file carries none, or its format has no place for one. Never throws: what is wrong with the file is
// for its reader to say.
Json DescriptionIn(const Artifact& artifact);

// Of the model folder or the conversion record around it, else what the file carries. Throws what ReadModelFolder()
// throws.
Json FindDescription(const Artifact& artifact);

}  // namespace bakeoff::graph
