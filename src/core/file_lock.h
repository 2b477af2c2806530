// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Locks (flock) that the kernel drops with the process that has them.
#pragma once

#include <filesystem>

#include "core/fd.h"

namespace bakeoff::core {

// flock() again where a signal came between. False with errno where it fails; EWOULDBLOCK: `how` has LOCK_NB, and
// somebody else has it.
bool Lock(int fd, int how);

// Whether the path still names what was opened: it may have been renamed or removed before the lock was there.
bool StillThere(int fd, const std::filesystem::path& path);

struct LockedFile {
  enum class State { kLocked, kHeld, kNotOpened, kNotLocked };
  State state = State::kNotOpened;
  Fd file;        // kLocked
  int error = 0;  // kNotOpened, kNotLocked
};

// A locked file of that name, made where there is none. Its owner may remove it under the lock: who had opened it
// before begins again.
LockedFile LockFile(const std::filesystem::path& path, int how);

}  // namespace bakeoff::core
