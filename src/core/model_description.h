// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What people must know about a model beside its network: classes, pre-processing, meaning of the axes. model.json says
// it first; conversions carry it into every format (docs/model-folder.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/json.h"

namespace bakeoff::core {

// The name under which formats with named metadata hold the description as JSON text.
inline constexpr const char* kDescriptionKey = "bakeoff.model";
// The same where a format keeps files.
inline constexpr const char* kDescriptionFile = "bakeoff.model.json";

// The folder in a SavedModel that loaders leave alone.
inline constexpr const char* kSavedModelExtra = "assets.extra";

// A description is {"schema", "name", "classes", "preprocess", "inputs", "outputs"} with the fields of model.json, or
// null where nothing is known.
Json DescriptionOf(const Json& model_json);

// Of a model with a folder around it, or with a conversion record beside it. Throws what ReadModelFolder() throws.
Json DescriptionBeside(const Artifact& artifact);

// The same for the result of a conversion: ports under the target's names, shapes and layouts, and the picture's axes
// as the target takes them. Entry i of source's inputs and outputs became entry i of target's.
Json DescriptionFor(const Json& description, const Artifact& source, const Artifact& target);

// From a file's metadata. Null for what is no description: files come from anywhere.
Json ParseDescription(std::string_view text);

// The text that ParseDescription() reads.
std::string DescriptionText(const Json& description);

// The classes, one a line; "" where there are none or a name would not stay one line.
std::string ClassLines(const Json& description);

// value = (sample - mean) / divisor, per channel, for samples from 0 to 255.
struct PixelRule {
  std::vector<double> mean, divisor;
  bool bgr = false;
};
// Nothing where the description has no pre-processing, or one that this does not understand.
std::optional<PixelRule> PixelRuleOf(const Json& description);

}  // namespace bakeoff::core
