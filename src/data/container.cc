// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Folders and lists of files as containers, and the choice of the archive reader by content.
#include "data/container.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <utility>

#include "bakeoff/error.h"

namespace bakeoff::data {
namespace {

namespace fs = std::filesystem;

constexpr int kMostDepth = 12;  // below a data set's root

class Folder final : public Container {
 public:
  Folder(fs::path base, std::vector<Entry> entries, std::vector<std::string> folders, uint64_t most)
      : base_(std::move(base)), most_(most) {
    entries_ = std::move(entries), folders_ = std::move(folders);
  }
  Bytes Read(size_t entry, uint64_t offset, uint64_t size) const override {
    const File file(PathOf(entry));
    // A listed file's size is not known before it is opened.
    if (size == 0 && offset == 0) size = file.size();
    if (size > most_) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("{}: {} bytes are more than the limit of {}", PathOf(entry), size, most_));
    }
    Bytes bytes(size);
    if (file.ReadAt(offset, bytes.data(), size) != size)
      throw Error(ErrorCode::kUnavailable, PathOf(entry) + ": shorter than expected");
    return bytes;
  }
  std::string PathOf(size_t entry) const override { return (base_ / entries_.at(entry).name).string(); }

 private:
  fs::path base_;
  uint64_t most_;
};

// Device and inode of each folder on the way from the root to where the walk is: a symbolic link to one of them would
// bring every picture again, and again below that.
class Ancestors {
 public:
  explicit Ancestors(const fs::path& root) { Repeats(root, -1); }
  // Whether the folder is one of those above it; `depth` is its place, -1 the root's.
  bool Repeats(const fs::path& folder, int depth) {
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) return false;
    const std::pair<dev_t, ino_t> id = {info.st_dev, info.st_ino};
    ids_.resize(static_cast<size_t>(std::ptrdiff_t{depth} + 1));
    const bool repeats = std::find(ids_.begin(), ids_.end(), id) != ids_.end();
    ids_.push_back(id);
    return repeats;
  }

 private:
  std::vector<std::pair<dev_t, ino_t>> ids_;
};

std::unique_ptr<Container> OpenFolder(const std::string& path, const ContainerLimits& limits) {
  std::vector<Entry> entries;
  std::vector<std::string> folders;
  std::error_code failure;
  Ancestors ancestors(path);
  fs::recursive_directory_iterator at(path, fs::directory_options::follow_directory_symlink, failure), end;
  for (; !failure && at != end; at.increment(failure)) {
    const std::string name = fs::path(at->path()).lexically_relative(path).generic_string();
    if (at->path().filename().string().starts_with('.')) {
      at.disable_recursion_pending();
    } else if (at->is_directory(failure)) {
      if (ancestors.Repeats(at->path(), at.depth())) {
        spdlog::warn("{}: a link to a folder above it is not followed", at->path().string());
        at.disable_recursion_pending();
        continue;
      }
      if (at.depth() >= kMostDepth) at.disable_recursion_pending();
      folders.push_back(name);
    } else if (at->is_regular_file(failure)) {
      entries.push_back({name, at->file_size(failure)});
      if (entries.size() > limits.entries)
        throw Error(ErrorCode::kUnsupported, fmt::format("{}: more than {} files", path, limits.entries));
    }
    failure.clear();  // a dangling link or a file that just went is no entry
  }
  if (failure) throw Error(ErrorCode::kUnavailable, fmt::format("{}: {}", path, failure.message()));
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  std::sort(folders.begin(), folders.end());
  return std::make_unique<Folder>(path, std::move(entries), std::move(folders), limits.entry_bytes);
}

}  // namespace

size_t Container::Find(const std::string& name) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), name,
                                   [](const Entry& e, const std::string& n) { return e.name < n; });
  return at != entries_.end() && at->name == name ? static_cast<size_t>(at - entries_.begin()) : entries_.size();
}

std::string SafeName(std::string name) {
  std::replace(name.begin(), name.end(), '\\', '/');
  if (name.starts_with('/') || (name.size() > 1 && name[1] == ':')) {
    throw Error(ErrorCode::kUsage,
                fmt::format("entry '{}' has an absolute path; the archive is not safe to use", name));
  }
  std::string clean, part;
  // Not core::Split(): white space belongs to a name.
  for (std::istringstream parts(name); std::getline(parts, part, '/');) {
    if (part.empty() || part == ".") continue;
    if (part == "..")
      throw Error(ErrorCode::kUsage, fmt::format("entry '{}' leads out of the archive; it is not safe to use", name));
    clean += (clean.empty() ? "" : "/") + part;
  }
  return clean;
}

// Without O_NONBLOCK, opening a named pipe would wait for somebody to write into it.
File::File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (fd_ >= 0) {
    struct stat info{};
    if (::fstat(fd_, &info) == 0 && S_ISREG(info.st_mode)) return;
    ::close(fd_);
    throw Error(ErrorCode::kUsage, fmt::format("{}: not a regular file (a folder, pipe or device)", path));
  }
  const bool absent = errno == ENOENT || errno == ENOTDIR;
  throw Error(absent ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
              fmt::format("{}: {}", path, std::strerror(errno)));
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

uint64_t File::size() const {
  struct stat info{};
  return ::fstat(fd_, &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

size_t File::ReadAt(uint64_t offset, uint8_t* data, size_t size) const {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(fd_, data + done, size - done, static_cast<off_t>(offset + done));
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error(ErrorCode::kUnavailable, fmt::format("reading: {}", std::strerror(errno)));
    done += static_cast<size_t>(n);
  }
  return done;
}

std::unique_ptr<Container> ListedFiles(const std::string& base, const std::vector<std::string>& names) {
  std::vector<Entry> entries;
  entries.reserve(names.size());
  for (const std::string& name : names) entries.push_back({name, 0});
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  entries.erase(
      std::unique(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name == b.name; }),
      entries.end());
  return std::make_unique<Folder>(base, std::move(entries), std::vector<std::string>(), ContainerLimits().entry_bytes);
}

std::unique_ptr<Container> OpenContainer(const std::string& path, const ContainerLimits& limits) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) return OpenFolder(path, limits);
  try {
    File file(path);
    uint8_t head[512] = {};
    const size_t size = file.ReadAt(0, head, sizeof(head));
    if (size >= 4 && std::memcmp(head, "PK", 2) == 0) return OpenZip(path, limits);
    if (IsGzip(file)) return OpenTar(SpoolGzip(file, limits), limits);
    if (size == 512 && std::memcmp(head + 257, "ustar", 5) == 0) return OpenTar(std::move(file), limits);
    throw Error(ErrorCode::kUsage, "neither a folder nor a .tar, .tar.gz or .zip (nor a .jsonl or .csv list)");
  } catch (const Error& error) {
    throw error.text().starts_with(path) ? error : error.With(path);
  }
}

}  // namespace bakeoff::data
