// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Temporary folders and files beside a result, which go away however the process ends.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/fd.h"

namespace bakeoff::core {

// A hidden folder `beside`/STEM-PID-N that the destructor removes with its contents. RemoveScratch() does so for
// a process that a signal ends; what a killed process left there under the same stem, the next one of that stem
// removes: a folder is in use as long as its lock is held, and the kernel drops that with the process.
class ScratchFolder {
 public:
  // Throws Error{kUnavailable} where it cannot be made.
  ScratchFolder(const std::filesystem::path& beside, std::string_view stem);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // It has another name now, or nothing of it is left: the destructor leaves it alone.
  void Release();

 private:
  std::filesystem::path path_;
  Fd lock_;
};

// A file that takes its final name when it is whole: the destructor removes it, and RemoveScratch() does so for a
// process that a signal ends. What a killed process left stays.
class ScratchFile {
 public:
  // Makes nothing: the caller makes the file afterwards, so that no signal finds a file of which nobody knows.
  explicit ScratchFile(std::filesystem::path path);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // It has another name now, or is not ours: the destructor leaves it alone.
  void Release();

 private:
  std::filesystem::path path_;
};

// For the handler of a signal that ends the process: removes the scratch folders and files of this process, and no new
// folders can be made. Async-signal-safe. What other threads put into them meanwhile is removed as well, for a short
// time.
void RemoveScratch() noexcept;

}  // namespace bakeoff::core
