// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Makes, locks and sweeps scratch folders, and keeps the names of scratch files; removal from a signal handler with
// system calls alone.
#include "core/scratch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "bakeoff/error.h"
#include "core/file_lock.h"
#include "core/files.h"

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;

// What the handler reads. A name is written while its slot is taken but not yet in use.
struct Slot {
  enum State : int { kFree, kTaken, kInUse };
  std::atomic<int> state{kFree};
  std::array<char, PATH_MAX> path{};
};
static_assert(std::atomic<int>::is_always_lock_free);
std::array<Slot, 16> g_slots;
std::atomic<bool> g_ending{false};

// A full table or a path that is too long only loses the courtesy of the handler.
void Register(const fs::path& path) {
  const std::string text = fs::absolute(path).string();
  if (text.size() >= PATH_MAX) return;
  for (Slot& slot : g_slots) {
    int state = Slot::kFree;
    if (!slot.state.compare_exchange_strong(state, Slot::kTaken)) continue;
    std::memcpy(slot.path.data(), text.c_str(), text.size() + 1);
    slot.state = Slot::kInUse;
    return;
  }
}

void Forget(const fs::path& path) {
  const std::string text = fs::absolute(path).string();
  for (Slot& slot : g_slots) {
    if (slot.state == Slot::kInUse && text == slot.path.data()) slot.state = Slot::kFree;
  }
}

// Results are trees of a few levels.
constexpr int kDeepest = 32;

// One entry of getdents64(2).
struct Entry {
  uint64_t inode;
  int64_t next;
  unsigned short bytes;
  unsigned char type;
  char name[1];  // NOLINT(modernize-avoid-c-arrays): the kernel's own layout
};

// Everything below `folder`, which stays open. Async-signal-safe.
void Empty(int folder, int depth) {
  alignas(Entry) std::array<char, 4096> buffer;
  // Removing while reading may skip entries: it begins anew until nothing goes any more.
  for (bool removed = true; removed;) {
    removed = false;
    if (lseek(folder, 0, SEEK_SET) != 0) return;
    for (;;) {
      const long got = syscall(SYS_getdents64, folder, buffer.data(), buffer.size());
      if (got <= 0) break;
      for (long at = 0; at < got;) {
        const auto* entry = reinterpret_cast<const Entry*>(buffer.data() + at);
        const char* name = buffer.data() + at + offsetof(Entry, name);
        at += entry->bytes;
        if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
        if (unlinkat(folder, name, 0) == 0) {
          removed = true;
          continue;
        }
        if (depth >= kDeepest) continue;
        const int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0) continue;
        Empty(below, depth + 1);
        close(below);
        removed = unlinkat(folder, name, AT_REMOVEDIR) == 0 || removed;
      }
    }
  }
}

bool IsThere(const char* path) {
  struct stat about{};
  return lstat(path, &about) == 0;
}

void Remove(const char* path) {
  if (unlink(path) == 0) return;
  const int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  Empty(folder, 0);
  close(folder);
  rmdir(path);
}

bool SameFolder(int fd, const fs::path& path) {
  struct stat opened{}, named{};
  return fstat(fd, &opened) == 0 && lstat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

Fd OpenFolder(const fs::path& path) {
  return Fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// What processes left that are no more. A file system without locks keeps its leftovers.
void Sweep(const fs::path& beside, const std::string& start) {
  std::error_code ignored;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(beside, ignored), end; !ignored && at != end; at.increment(ignored)) {
    if (at->path().filename().string().starts_with(start)) found.push_back(at->path());
  }
  for (const fs::path& path : found) {
    const Fd folder = OpenFolder(path);
    if (folder.get() >= 0 && Lock(folder.get(), LOCK_EX | LOCK_NB) && SameFolder(folder.get(), path))
      fs::remove_all(path, ignored);
  }
}

}  // namespace

ScratchFolder::ScratchFolder(const fs::path& beside, std::string_view stem) {
  const std::string start = fmt::format("{}-", stem);
  Sweep(beside, start);
  static std::atomic<unsigned> counter{0};
  const auto fail = [&](int error) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot make a folder in {}: {}", beside.string(), WriteFailure(error)));
  };
  for (;;) {
    if (g_ending) throw fail(EINTR);
    path_ = beside / fmt::format("{}{}-{}", start, getpid(), counter++);
    Register(path_);
    if (mkdir(path_.c_str(), 0777) != 0) {
      const int error = errno;
      Forget(path_);
      // Of another machine with the same number of a process, on a shared disk.
      if (error == EEXIST) continue;
      throw fail(error);
    }
    lock_ = OpenFolder(path_);
    // Shared is enough: who sweeps wants it alone. A file system without locks has nobody who sweeps.
    if (lock_.get() >= 0) Lock(lock_.get(), LOCK_SH | LOCK_NB);
    // Another process may have swept it before the lock was there.
    if (lock_.get() >= 0 && SameFolder(lock_.get(), path_)) return;
    Forget(path_);
  }
}

ScratchFolder::~ScratchFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  Forget(path_);
}

void ScratchFolder::Release() {
  Forget(path_);
  path_.clear();
}

ScratchFile::ScratchFile(fs::path path) : path_(std::move(path)) {
  Register(path_);
}

ScratchFile::~ScratchFile() {
  if (path_.empty()) return;
  unlink(path_.c_str());
  Forget(path_);
}

void ScratchFile::Release() {
  Forget(path_);
  path_.clear();
}

void RemoveScratch() noexcept {
  g_ending = true;
  // Other threads and processes that are being killed may still write: the folder must stay away for a while.
  constexpr int kTries = 200, kQuiet = 3;
  constexpr useconds_t kPause = 5'000;
  for (Slot& slot : g_slots) {
    if (slot.state != Slot::kInUse) continue;
    for (int quiet = 0, tries = 0; quiet < kQuiet && tries < kTries; ++tries) {
      quiet = IsThere(slot.path.data()) ? 0 : quiet + 1;
      if (quiet == 0) Remove(slot.path.data());
      if (quiet < kQuiet) usleep(kPause);
    }
  }
}

}  // namespace bakeoff::core
