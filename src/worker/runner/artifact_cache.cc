// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Files arrive in pieces under a name of their own and get their real name only when their hash is right.
#include "worker/runner/artifact_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/sha256.h"

namespace bakeoff::worker {
namespace {

namespace fs = std::filesystem;

struct FileRow {
  fs::path path;  // inside the artifact; empty where the artifact is one file that the host names by its own path
  uint64_t bytes = 0;
  std::string sha256;
};

std::string TextField(const Json& json, const char* name) {
  const auto field = json.is_object() ? json.find(name) : json.end();
  if (!json.is_object() || field == json.end() || !field->is_string())
    throw Error(ErrorCode::kUsage, fmt::format("'{}' must be a text", name));
  return field->get<std::string>();
}

uint64_t SizeField(const Json& json, const char* name) {
  const auto field = json.find(name);
  if (field == json.end() || !field->is_number_unsigned())
    throw Error(ErrorCode::kUsage, fmt::format("'{}' must be a size", name));
  return field->get<uint64_t>();
}

std::string HashField(const Json& json) {
  const std::string text = TextField(json, "sha256");
  const bool good = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
  if (!good) throw Error(ErrorCode::kUsage, fmt::format("sha256 '{}' is not 64 lower-case hexadecimal digits", text));
  return text;
}

// Relative, without `..` and without our own ending: nothing outside the artifact's folder can be named.
fs::path SafePath(const std::string& text) {
  const fs::path path(text);
  const bool climbs = std::any_of(path.begin(), path.end(),
                                  [](const fs::path& part) { return part == ".." || part == "." || part.empty(); });
  if (text.empty() || path.is_absolute() || climbs || text.find('\0') != text.npos || path.extension() == ".part") {
    throw Error(ErrorCode::kUsage, fmt::format("'{}' is no path of a file inside an artifact", text));
  }
  return path;
}

FileRow RowOf(const Json& json) {
  return {SafePath(TextField(json, "path")), SizeField(json, "bytes"), HashField(json)};
}

bool IsWhole(const fs::path& path, const FileRow& row) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure) || fs::file_size(path, failure) != row.bytes || failure) return false;
  try {
    return core::Sha256OfFile(path) == row.sha256;
  } catch (const Error&) {
    return false;  // unreadable is as good as absent
  }
}

// A folder artifact's files lie below it; a one-file artifact is its one file, whatever it is called there.
bool HasAll(const fs::path& path, const std::vector<FileRow>& rows) {
  std::error_code failure;
  if (rows.size() == 1 && fs::is_regular_file(path, failure)) return IsWhole(path, rows[0]);
  return std::all_of(rows.begin(), rows.end(), [&](const FileRow& row) { return IsWhole(path / row.path, row); });
}

void WriteAt(const fs::path& path, uint64_t offset, const std::vector<std::byte>& bytes) {
  const auto fail = [&](const char* what) {
    return Error(ErrorCode::kUnavailable, fmt::format("{} {}: {}", what, path.string(), core::WriteFailure(errno)));
  };
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) throw fail("cannot open");
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put = pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      const Error error = fail("cannot write");
      close(fd);
      throw error;
    }
    done += static_cast<size_t>(put);
  }
  if (close(fd) != 0) throw fail("cannot write");
}

}  // namespace

ArtifactCache ArtifactCache::Usual() {
  return ArtifactCache(core::CacheFolder("models"));
}

fs::path ArtifactCache::FolderOf(const std::string& sha256) const {
  if (folder_.empty())
    throw Error(ErrorCode::kUnavailable, "no place for models: neither BAKEOFF_CACHE nor HOME is set");
  return folder_ / sha256;
}

Json ArtifactCache::Have(const Json& head) const {
  const std::string sha256 = HashField(head);
  const auto files = head.find("files");
  if (files == head.end() || !files->is_array() || files->empty())
    throw Error(ErrorCode::kUsage, "have: 'files' must be a list");
  std::vector<FileRow> rows;
  for (const Json& file : *files) rows.push_back(RowOf(file));
  const fs::path given = TextField(head, "path");
  if (HasAll(given, rows)) return {{"path", given.string()}};
  if (folder_.empty()) return {{"path", nullptr}};
  const fs::path folder = FolderOf(sha256);
  if (!HasAll(folder, rows)) return {{"path", nullptr}};
  // The host asked about a file or about a folder; the name it used says which file of a one-file artifact is the
  // model.
  const bool one_file = rows.size() == 1 && rows[0].path == given.filename();
  return {{"path", (one_file ? folder / rows[0].path : folder).string()}};
}

void ArtifactCache::Put(const Json& head, const std::vector<NamedTensor>& tensors) const {
  const fs::path folder = FolderOf(HashField(head));
  const auto file = head.find("file");
  if (file == head.end()) throw Error(ErrorCode::kUsage, "put: 'file' is missing");
  const FileRow row = RowOf(*file);
  const uint64_t offset = SizeField(head, "offset");
  if (tensors.size() != 1 || tensors[0].shm_offset)
    throw Error(ErrorCode::kUsage, "put: needs one tensor, the piece of the file");
  const std::vector<std::byte>& piece = tensors[0].data;
  if (offset > row.bytes || piece.size() > row.bytes - offset) {
    throw Error(ErrorCode::kUsage, fmt::format("put: a piece of {} bytes at {} does not fit into '{}' of {} bytes",
                                               piece.size(), offset, row.path.string(), row.bytes));
  }
  const fs::path whole = folder / row.path;
  std::error_code failure;
  fs::create_directories(whole.parent_path(), failure);
  if (failure)
    throw Error(ErrorCode::kUnavailable,
                fmt::format("cannot make {}: {}", whole.parent_path().string(), failure.message()));
  // Per process: two workers may be given the same artifact at the same time.
  const fs::path part = fmt::format("{}.{}.part", whole.string(), getpid());
  if (offset == 0) fs::remove(part, failure);
  WriteAt(part, offset, piece);
  if (offset + piece.size() < row.bytes) return;
  if (!IsWhole(part, row)) {
    fs::remove(part, failure);
    throw Error(
        ErrorCode::kMismatch,
        fmt::format("put: '{}' arrived, but its contents are not those that were announced", row.path.string()));
  }
  fs::rename(part, whole, failure);
  if (failure)
    throw Error(ErrorCode::kUnavailable, fmt::format("cannot name {}: {}", whole.string(), failure.message()));
}

}  // namespace bakeoff::worker
