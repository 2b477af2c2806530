// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The one table of model formats: names, file endings, how each is recognised, and axis order by default.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "bakeoff/artifact.h"

namespace bakeoff::core {

// Which of our own readers tells what a file of the format holds, without any runtime (src/graph/).
enum class OwnReader { kNone, kOnnx, kOrt, kFlatbuffer, kNetXml, kFrozen, kSavedModel };

struct FormatRow {
  std::string_view id;      // as in EngineInfo::reads, --to and results
  std::string_view title;   // for people
  std::string_view ending;  // usual file ending with the dot; "" for a folder
  // Axis order of images when nothing else says it: "NCHW" or "NHWC". Such a guess is marked `assumed`.
  std::string_view layout;
  OwnReader reader = OwnReader::kNone;
  bool tells_shapes = true;  // of its inputs; else whoever traces the program must be told them
};

std::span<const FormatRow> Formats();
// nullptr for an identifier that the table does not have.
const FormatRow* FindFormat(std::string_view id);

// Looks at the file's content first and at its name second. Throws Error: kNotFound (no such path), kUnavailable
// (cannot be read), kInvalidModel (empty, or content that contradicts the name, naming both; unknown content, listing
// the known formats). Reads at most a few KiB.
FormatId RecogniseFormat(const std::filesystem::path& path);

// The network's name: the path's last part up to its first dot.
std::string ModelName(const std::string& path);

// RecogniseFormat() and the path, as an Artifact. A model folder gives the model file that its model.json names, with
// its inputs, outputs and layouts; throws ReadModelFolder()'s errors too. A model with a conversion record beside it
// has those of the record. Throws as NeedUtf8() does.
Artifact OpenArtifact(const std::filesystem::path& path);

// Names go to workers and into results as JSON, which is UTF-8. Throws Error{kUsage} for one, made absolute, that is
// not.
void NeedUtf8(const std::filesystem::path& path);

}  // namespace bakeoff::core
