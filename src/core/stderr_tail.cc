// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Captures stderr through a pipe that a thread of its own empties.
#include "core/stderr_tail.h"

#include <fcntl.h>
#include <unistd.h>

namespace bakeoff::core {

StderrTail::StderrTail() {
  int ends[2];
  saved_ = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (saved_ < 0) return;
  if (pipe2(ends, O_CLOEXEC) != 0) {
    close(saved_);
    return;
  }
  dup2(ends[1], STDERR_FILENO);
  close(ends[1]);
  reader_ = std::thread([this, from = ends[0]] {
    char piece[4096];
    for (ssize_t got = 0; (got = read(from, piece, sizeof(piece))) > 0;) {
      [[maybe_unused]] const ssize_t passed_on = write(saved_, piece, static_cast<size_t>(got));
      text_.append(piece, static_cast<size_t>(got));
      if (text_.size() > 2 * kKept) text_.erase(0, text_.size() - kKept);
    }
    close(from);
  });
}

const std::string& StderrTail::Stop() {
  if (reader_.joinable()) {
    // Putting the old descriptor back closes the pipe's last writing end, which ends the reader.
    dup2(saved_, STDERR_FILENO);
    reader_.join();
    close(saved_);
    if (text_.size() > kKept) text_.erase(0, text_.size() - kKept);
  }
  return text_;
}

}  // namespace bakeoff::core
