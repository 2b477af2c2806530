// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What belongs to an artifact, and how it gets to a worker on another machine (`have` and `put` of the protocol).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "worker/wire.h"

namespace bakeoff::worker {

struct ArtifactFile {
  std::string path;  // relative to ArtifactFiles::root
  uint64_t bytes = 0;
  std::string sha256;
};

struct ArtifactFiles {
  std::filesystem::path root;  // the folder that holds the files
  std::vector<ArtifactFile> files;
  std::string sha256;  // of names and contents together
};

// All files of a folder; of a file also those that it refers to (external data, weights beside an .xml). Hashes are
// remembered by the file's identity. Throws Error naming the file that is absent or unreadable.
ArtifactFiles FilesOf(const Artifact& artifact);

// One request and its reply's `ok`.
using AskFunction = std::function<Json(const Json& head, const std::vector<NamedTensor>& tensors)>;

// The path under which the worker can load the artifact; sends what it lacks. A worker that does not know `have` gets
// the path as it is. Throws what `ask` throws.
std::string PlaceArtifact(const Artifact& artifact, const AskFunction& ask);

}  // namespace bakeoff::worker
