// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a model file tells about itself to a reader that has no runtime: ports, operators, parameters, multiply-adds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/tensor.h"
#include "graph/census.h"

namespace bakeoff::graph {

struct FilePort {
  std::string name;
  std::string type;            // "f32", "string"
  std::optional<Shape> shape;  // kFree where the file leaves it open; absent where the rank is open
};

struct FileFacts {
  std::string producer;
  std::optional<int64_t> file_version;
  std::map<std::string, int64_t> opsets;  // empty for formats that have none
  std::vector<FilePort> inputs, outputs;
  Census census;
  std::map<std::string, Shape> counted_for;  // the shapes that multiply-adds are for; empty where not counted
  std::vector<std::string> notes;
};

// Completes the inputs' shapes for counting; empty where that cannot be done.
using ChooseShapes = std::function<std::map<std::string, Shape>(const std::vector<FilePort>& inputs)>;

// All throw Error{kInvalidModel} naming the file and what is wrong in it, and what core::ReadFile() throws.
//
// These two have no shape inference: only the batch may differ from what the file says. A count for anything else is
// absent, with a note.
FileFacts ReadTfliteFacts(const std::filesystem::path& path, const ChooseShapes& choose);
// Every name that an engine may show for an input or output of a TFLite file: those of its tensors and those of its
// signatures.
std::vector<std::string> TflitePortNames(const std::filesystem::path& path);
// The same for IR (every name of the tensors at its ends) and for a SavedModel (every signature's).
std::vector<std::string> NetXmlPortNames(const std::filesystem::path& path);
std::vector<std::string> SavedModelPortNames(const std::filesystem::path& folder);
// `path` is the .xml; of the .bin beside it only the size is looked at.
FileFacts ReadNetXmlFacts(const std::filesystem::path& path, const ChooseShapes& choose);
// These follow shapes through the operators. What no output of the signature needs is not counted.
FileFacts ReadFrozenFacts(const std::filesystem::path& path, const ChooseShapes& choose);
// `path` is the folder; its signature serving_default, or the first one.
FileFacts ReadSavedModelFacts(const std::filesystem::path& path, const ChooseShapes& choose);

// For the readers: the product, or nothing where a factor is negative or the product does not fit.
std::optional<int64_t> CheckedProduct(const std::vector<int64_t>& factors);
// Adds one operator's multiply-adds to the census; without a count the operator goes to `without_shape`.
void AddCount(Census& census, std::optional<int64_t> count, const std::string& operator_name);

// What the chosen shapes make of the batch. `usual` is the extent of a free first axis in the file's own shapes.
// Nothing, with a note, where the shapes differ from the file in more than one common batch.
std::optional<int64_t> CommonBatch(const std::vector<FilePort>& inputs, const std::map<std::string, Shape>& chosen,
                                   const std::vector<Shape>& usual, FileFacts& facts);

}  // namespace bakeoff::graph
