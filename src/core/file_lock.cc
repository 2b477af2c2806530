// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Locks a file, and sees to it that it is still the one of that name.
#include "core/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace bakeoff::core {
bool StillThere(int fd, const std::filesystem::path& path) {
  struct stat opened{}, named{};
  return fstat(fd, &opened) == 0 && stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

bool Lock(int fd, int how) {
  int result;
  do {
    result = flock(fd, how);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

LockedFile LockFile(const std::filesystem::path& path, int how) {
  using State = LockedFile::State;
  for (;;) {
    Fd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (file.get() < 0) return {State::kNotOpened, Fd(), errno};
    if (!Lock(file.get(), how)) {
      const int error = errno;
      return {error == EWOULDBLOCK ? State::kHeld : State::kNotLocked, Fd(), error};
    }
    if (StillThere(file.get(), path)) return {State::kLocked, std::move(file), 0};
  }
}

}  // namespace bakeoff::core
