// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Artifacts that a host on another machine has sent: ${BAKEOFF_CACHE:-~/.cache/bakeoff}/models/<sha256>/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "worker/wire.h"

namespace bakeoff::worker {

class ArtifactCache {
 public:
  // `folder` is the `models` folder, made when first needed.
  explicit ArtifactCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // At the usual place; nothing can be stored where neither BAKEOFF_CACHE nor HOME is set.
  static ArtifactCache Usual();

  // `have` and `put` of the protocol: `head` is the request, the result its `ok`. Sizes and hashes are checked; a path
  // that would leave the folder is refused. Throws Error: kUsage, kUnavailable (disk), kMismatch (a whole file whose
  // contents are not what was announced; it is removed).
  Json Have(const Json& head) const;
  void Put(const Json& head, const std::vector<NamedTensor>& tensors) const;

 private:
  std::filesystem::path FolderOf(const std::string& sha256) const;

  std::filesystem::path folder_;
};

}  // namespace bakeoff::worker
