// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The memory that the host shares with a local worker: a memfd that the worker inherits by number, no name anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bakeoff::worker {

class SharedMemory {
 public:
  // From the environment variable BAKEOFF_SHM_FD; without it, or where the descriptor is no memfd (the variable may
  // have come through a command prefix that does not pass descriptors), nothing is available.
  SharedMemory();
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  bool available() const { return fd_ >= 0; }
  // The bytes at `offset`; maps more of the file where it has grown. Valid until the next call that maps. Throws
  // Error{kUsage} naming `what` when they do not lie in the file, {kUnavailable} when it cannot be mapped.
  std::span<std::byte> At(uint64_t offset, uint64_t bytes, std::string_view what);

 private:
  int fd_ = -1;
  std::byte* start_ = nullptr;
  size_t size_ = 0;
};

}  // namespace bakeoff::worker
