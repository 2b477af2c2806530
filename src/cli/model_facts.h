// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What can be known about a model file: by our own reader, or from an engine that reads it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "bakeoff/tensor.h"
#include "cli/console.h"
#include "graph/census.h"

namespace bakeoff::cli {

struct TensorFact {
  std::string name;
  std::string type;                               // "f32", "string"
  std::optional<std::vector<std::string>> shape;  // numbers, names of free dimensions, "?"
};

// What is not known is absent, and `notes` say why.
struct ModelFacts {
  std::string path, format;
  uint64_t bytes = 0;  // of the model on disk, with the files of its weights
  std::vector<TensorFact> inputs, outputs;
  std::optional<int64_t> ir_version;  // of the file format, where it has one
  std::map<std::string, int64_t> opsets;
  std::string producer;
  std::optional<graph::Census> census;
  std::map<std::string, Shape> counted_for;  // the shapes that multiply-adds are for
  std::string read_by;                       // the engine that was asked; "" for our own reader
  Json effective;                            // what that engine says about itself
  Json folder;  // what model.json says besides: "name", "classes", "preprocess", "metrics"; null for a bare file
  Json description = nullptr;  // what the file, its record or its folder says (core/model_description.h); may be null
  Json formats = nullptr;      // of a model folder: what lies beside the model, and whether it is current
  std::vector<std::string> notes;
};

// `shapes` for multiply-adds; inputs that are not named have batch `batch`. Throws Error: what reading throws; kUsage
// for shapes that do not fit; kUnsupported where neither our code nor a present engine reads the format.
ModelFacts LearnFacts(const std::string& path, const std::map<std::string, Shape>& shapes, int64_t batch,
                      Console& console);

}  // namespace bakeoff::cli
