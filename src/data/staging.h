// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A folder that appears with all of its files at once, or not at all.
#pragma once

#include <string>
#include <string_view>

#include "core/scratch.h"
#include "data/image.h"

namespace bakeoff::data {

class StagedFolder {
 public:
  // Makes a hidden folder beside `target`. Throws Error{kUsage} if `target` is a file or a folder with something in it,
  // and Error{kUnavailable} if the hidden folder cannot be made.
  explicit StagedFolder(const std::string& target);
  // What was staged goes away with this object, and with a process that a signal ends, unless Commit() was called.

  // Where to write.
  std::string path() const { return folder_.path().string(); }
  // Writes path()/name, making folders on the way. Throws Error{kUnavailable} naming the file (no room, no permission).
  void Write(const std::string& name, ByteSpan bytes) const;
  void Write(const std::string& name, std::string_view text) const;
  // Makes the folder of path()/name.
  void MakeParent(const std::string& name) const;
  // Gives the folder its name. Throws Error{kUnavailable}.
  void Commit();

 private:
  std::string target_;
  core::ScratchFolder folder_;
};

}  // namespace bakeoff::data
