// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Temporary folder, fsync and rename.
#include "convert/staging.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "bakeoff/error.h"
#include "core/files.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;

fs::path FolderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

fs::path ExistingFolderOf(const fs::path& path) {
  const fs::path folder = FolderOf(path);
  if (!fs::is_directory(folder))
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such folder for the result", folder.string()));
  return folder;
}

Error Unavailable(const char* what, const fs::path& path, int error) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot {} {}: {}", what, path.string(), core::WriteFailure(error)));
}

// A folder cannot be renamed over one that holds something: both change places where the file system can do that, else
// the old one steps aside first.
void MoveOver(const fs::path& from, const fs::path& to, const fs::path& aside) {
  std::error_code failure;
  if (fs::is_directory(to, failure) || (fs::exists(to, failure) && fs::is_directory(from, failure))) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return;
    fs::rename(to, aside, failure);
    if (failure) throw Unavailable("replace", to, failure.value());
  }
  fs::rename(from, to, failure);
  if (failure) throw Unavailable("name", to, failure.value());
}

}  // namespace

void Sync(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Unavailable("open", path, errno);
  const int failed = fsync(fd) != 0 ? errno : 0;
  close(fd);
  // Some file systems cannot sync a folder; that is no reason to lose the result.
  if (failed != 0 && failed != EINVAL) throw Unavailable("write", path, failed);
}

void SyncAll(const fs::path& path) {
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) Sync(entry.path());
    }
  }
  Sync(path);
}

Staging::Staging(const fs::path& destination)
    : destination_(destination), folder_(ExistingFolderOf(destination), ".bakeoff-convert") {}

fs::path Staging::FolderFor(size_t index) {
  const fs::path folder = folder_.path() / fmt::format("{}", index);
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Unavailable("make", folder, failure.value());
  return folder;
}

std::vector<fs::path> Staging::NamesIn(const fs::path& folder) {
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

void Staging::Publish(const fs::path& folder) {
  std::vector<fs::path> names = NamesIn(folder);
  const fs::path own = destination_.filename();
  std::stable_partition(names.begin(), names.end(), [&](const fs::path& name) { return name != own; });
  for (const fs::path& name : names) SyncAll(folder / name);
  const fs::path beside = FolderOf(destination_);
  for (size_t i = 0; i < names.size(); ++i)
    MoveOver(folder / names[i], beside / names[i], folder_.path() / fmt::format("old-{}", i));
  Sync(beside);
}

}  // namespace bakeoff::convert
