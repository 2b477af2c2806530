// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Where a conversion works: a folder beside the destination, whose contents get their final names at the end or vanish.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/scratch.h"

namespace bakeoff::convert {

// The bytes of that file, or the names in that folder, have reached the disk; SyncAll: everything below it, too. Throw
// Error{kUnavailable}.
void Sync(const std::filesystem::path& path);
void SyncAll(const std::filesystem::path& path);

class Staging {
 public:
  // Makes the folder beside `destination`, whose own folder must exist. It goes away with this object, also when a
  // signal ends the process. Throws Error: kNotFound, kUnavailable.
  explicit Staging(const std::filesystem::path& destination);

  // A new empty folder for the result of step `index`.
  std::filesystem::path FolderFor(size_t index);

  // What Publish() would put in the destination's folder: the names in the folder of a step.
  static std::vector<std::filesystem::path> NamesIn(const std::filesystem::path& folder);

  // Everything in `folder` moves to the destination's folder, the entry with the destination's own name last, each by
  // one rename after its bytes have reached the disk: whoever finds the destination finds it whole. Files of the same
  // name are replaced.
  void Publish(const std::filesystem::path& folder);

 private:
  std::filesystem::path destination_;
  core::ScratchFolder folder_;
};

}  // namespace bakeoff::convert
