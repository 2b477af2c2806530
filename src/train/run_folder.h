// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The folder that a training writes into: one training at a time, and nothing in it of a run that was given up.
#pragma once

#include <filesystem>

#include "core/fd.h"

namespace bakeoff::train {

// Holds a lock on the folder (flock on FOLDER/.training.lock) while it lives; the kernel gives it back whatever ends
// the process. The file goes with the object; where a kill left it behind, it locks nothing.
class RunFolder {
 public:
  // Makes the folder, locks it and removes the temporary files of runs that were killed while they wrote. Throws
  // Error{kUnavailable}: it cannot be made, or another training is at work in it.
  explicit RunFolder(std::filesystem::path path);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path manifest() const { return path_ / "manifest.jsonl"; }
  bool HasCheckpoint() const;
  bool HasModel() const;

  // Removes the checkpoints, the log, the exported model and what was converted from it; the manifest only where
  // `with_manifest`. Files of other names stay, and so does a model in another format that no conversion record speaks
  // of. Throws Error{kUnavailable} naming what could not be removed.
  void BeginAnew(bool with_manifest) const;

 private:
  void Lock();

  std::filesystem::path path_, lock_path_;
  core::Fd lock_;
};

}  // namespace bakeoff::train
