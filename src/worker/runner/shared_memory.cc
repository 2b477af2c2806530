// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Maps the inherited memfd.
#include "worker/runner/shared_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::worker {

SharedMemory::SharedMemory() {
  const char* text = std::getenv("BAKEOFF_SHM_FD");
  const auto number = text ? core::ParseInt(text) : std::nullopt;
  if (!number || *number < 3 || *number > 1 << 20) return;
  // Only memory files have seals: any other descriptor that happens to have this number is refused.
  if (fcntl(static_cast<int>(*number), F_GET_SEALS) < 0) return;
  fd_ = static_cast<int>(*number);
  // Not for what the runtime may start.
  fcntl(fd_, F_SETFD, FD_CLOEXEC);
}

SharedMemory::~SharedMemory() {
  if (start_) munmap(start_, size_);
}

std::span<std::byte> SharedMemory::At(uint64_t offset, uint64_t bytes, std::string_view what) {
  struct stat status{};
  if (fd_ < 0 || fstat(fd_, &status) != 0) {
    throw Error(ErrorCode::kUsage, fmt::format("'{}' lies in shared memory, which this worker does not have", what));
  }
  const auto file_bytes = static_cast<uint64_t>(status.st_size);
  if (offset > file_bytes || bytes > file_bytes - offset) {
    throw Error(ErrorCode::kUsage,
                fmt::format("'{}' would lie at {} to {} of a shared memory of {} bytes", what, offset,
                            static_cast<double>(offset) + static_cast<double>(bytes), file_bytes));
  }
  if (bytes == 0) return {};
  if (size_ != file_bytes) {
    if (start_) munmap(start_, size_);
    start_ = nullptr;
    size_ = 0;
    void* mapped = mmap(nullptr, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (mapped == MAP_FAILED) {
      throw Error(ErrorCode::kUnavailable,
                  fmt::format("cannot map the shared memory of {} bytes: {}", file_bytes, std::strerror(errno)));
    }
    start_ = static_cast<std::byte*>(mapped);
    size_ = file_bytes;
  }
  return {start_ + offset, bytes};
}

}  // namespace bakeoff::worker
