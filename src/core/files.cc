// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Whole files: bounded reads, atomic writes.
#include "core/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "bakeoff/error.h"
#include "core/fd.h"
#include "core/scratch.h"

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;

Error Fails(const fs::path& path, std::string_view what, int error) {
  const bool absent = error == ENOENT || error == ENOTDIR;
  return Error(absent ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
               fmt::format("{}: cannot {}: {}", path.string(), what, WriteFailure(error)));
}

void WriteAll(int fd, const fs::path& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw Fails(path, "write", errno);
    content.remove_prefix(static_cast<size_t>(put));
  }
}

}  // namespace

std::string ReadStart(const fs::path& path, size_t most) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw Fails(path, "open", errno);
  std::string content;
  size_t room = 64 << 10;
  while (content.size() < most) {
    const size_t before = content.size();
    const size_t piece = std::min(room, most - before);
    content.resize(before + piece);
    const ssize_t got = read(file.get(), content.data() + before, piece);
    const int error = errno;
    content.resize(before + static_cast<size_t>(got > 0 ? got : 0));
    if (got < 0 && error == EINTR) continue;
    if (got < 0) throw Fails(path, "read", error);
    if (got == 0) break;
    room = std::min<size_t>(room * 2, 16 << 20);
  }
  return content;
}

std::string ReadFile(const fs::path& path, size_t most) {
  std::string content = ReadStart(path, most + 1);
  if (content.size() > most)
    throw Error(ErrorCode::kUnavailable, fmt::format("{}: larger than {} bytes", path.string(), most));
  return content;
}

void WriteFileAtomically(const fs::path& path, std::string_view content, std::string_view behind) {
  WriteFileInPieces(path, [&](const WritePiece& write) {
    write(content);
    write(behind);
  });
}

void WriteFileInPieces(const fs::path& path, const std::function<void(const WritePiece& write)>& produce) {
  struct stat status{};
  const bool exists = stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) throw Fails(path, "write", EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.get() < 0) throw Fails(path, "open", errno);
    produce([&](std::string_view piece) { WriteAll(file.get(), path, piece); });
    if (file.Close() != 0) throw Fails(path, "write", errno);
    return;
  }
  // A link stays a link: its target is replaced.
  std::error_code ignored;
  const fs::path target = exists ? fs::canonical(path, ignored) : path;
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  static std::atomic<unsigned> counter{0};
  ScratchFile temporary(folder / fmt::format(".{}.{}.{}.tmp", target.filename().string(), getpid(), counter++));
  const mode_t mode = exists ? status.st_mode & 0777 : 0666;
  Fd file(open(temporary.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (file.get() < 0) {
    temporary.Release();
    throw Fails(path, "write", errno);
  }
  produce([&](std::string_view piece) { WriteAll(file.get(), path, piece); });
  // Without fsync the rename may reach the disk before the content does.
  if (fsync(file.get()) != 0 && errno != EINVAL) throw Fails(path, "write", errno);
  if (file.Close() != 0) throw Fails(path, "write", errno);
  if (rename(temporary.path().c_str(), target.c_str()) != 0) throw Fails(path, "write", errno);
  temporary.Release();
  const Fd directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) fsync(directory.get());
}

std::string WriteFailure(int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return fmt::format("{}{}", std::strerror(error), full ? "; free some space there or name another place" : "");
}

fs::path CacheFolder(std::string_view name) {
  const char* cache = std::getenv("BAKEOFF_CACHE");
  if (cache && *cache) return fs::path(cache) / name;
  const char* home = std::getenv("HOME");
  if (home && *home) return fs::path(home) / ".cache" / "bakeoff" / name;
  return {};
}

uint64_t SizeOnDisk(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
  }
  uint64_t sum = 0;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code no_size;
    if (it->is_regular_file(no_size)) sum += it->file_size(no_size);
  }
  return sum;
}

}  // namespace bakeoff::core
