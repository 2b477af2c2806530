// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Shared immutable bytes, in memory of our own or mapped from a file.
#include "graph/bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "bakeoff/error.h"

namespace bakeoff::graph {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

}  // namespace

Bytes Bytes::Own(std::string data) {
  auto owner = std::make_shared<const std::string>(std::move(data));
  const auto* start = reinterpret_cast<const std::byte*>(owner->data());
  const size_t size = owner->size();
  return Bytes(std::move(owner), start, size);
}

Bytes Bytes::Own(std::vector<std::byte> data) {
  return OwnAs(std::move(data));
}

Bytes Bytes::Copy(std::span<const std::byte> data) {
  return Own(std::vector<std::byte>(data.begin(), data.end()));
}

Bytes Bytes::Map(const std::filesystem::path& path, uint64_t offset, uint64_t size) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
    throw Error(code, fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  }
  struct stat info{};
  if (fstat(file.fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    throw Error(ErrorCode::kUnavailable, fmt::format("{} is not a regular file", path.string()));
  }
  const auto length = static_cast<uint64_t>(info.st_size);
  if (offset > length || size > length - offset) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("{} has {} bytes, but bytes {} to {} are needed", path.string(),
                                                      length, offset, offset + size));
  }
  if (size == 0) return {};
  // mmap wants an offset in whole pages; the owner remembers the mapping as it was made.
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t skip = offset % page;
  const size_t mapped = size + skip;
  void* start = mmap(nullptr, mapped, PROT_READ, MAP_PRIVATE, file.fd, static_cast<off_t>(offset - skip));
  if (start == MAP_FAILED) {
    throw Error(ErrorCode::kUnavailable, fmt::format("cannot map {}: {}", path.string(), std::strerror(errno)));
  }
  std::shared_ptr<const void> owner(start, [mapped](const void* memory) { munmap(const_cast<void*>(memory), mapped); });
  return Bytes(std::move(owner), static_cast<const std::byte*>(start) + skip, size);
}

}  // namespace bakeoff::graph
