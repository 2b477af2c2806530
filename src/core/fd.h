// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// An open file descriptor that one place owns.
#pragma once

#include <unistd.h>

#include <utility>

namespace bakeoff::core {

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd() { Close(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }  // negative: nothing is open
  // The status of close(), 0 where nothing is open. It counts: some file systems report a full disk only there.
  int Close() { return fd_ < 0 ? 0 : close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

}  // namespace bakeoff::core
