// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A command of the tool as a child process that does not outlive this one.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bakeoff::campaign {

struct ChildOptions {
  std::string program;
  std::vector<std::string> words;
  std::filesystem::path log;  // gets all that it writes; replaced
  // Each line on its stderr, from another thread.
  std::function<void(const std::string& line)> heard;
  std::function<bool()> interrupted;  // asked ten times a second; true ends it, after a grace
  bool often = false;                 // progress is shown live: it is to tell it every second
};

struct Ended {
  int exit_code = 0;      // -1 where a signal ended it
  std::string how;        // "ended with exit code 3"
  std::string complaint;  // its last line that begins with `bakeoff: `, without that; else its last lines
  int64_t wall_ns = 0;
};

// Throws Error{kUnavailable} where it cannot be started.
Ended RunChild(const ChildOptions& options);

}  // namespace bakeoff::campaign
