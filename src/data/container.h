// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A set of named files, read at random from any thread: a folder, a tar, a compressed tar or a zip, without unpacking
// it to the user's disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/image.h"

namespace bakeoff::data {

// What an archive may ask of us. Violations are Error{kUnsupported} and name the entry.
struct ContainerLimits {
  uint64_t entries = 20'000'000;
  uint64_t entry_bytes = uint64_t{1} << 30;
  uint64_t total_bytes = uint64_t{1} << 40;
  // Unpacked over packed size. Pictures hardly shrink; a deflate bomb reaches 1000. Looked at beyond 16 MiB.
  double ratio = 100;
};

struct Entry {
  std::string name;  // relative, with '/', never with "..", sorted by bytes
  uint64_t size = 0;
};

class Container {
 public:
  virtual ~Container() = default;
  // `size` bytes from `offset`; fewer only never: a short read is Error{kUnavailable} naming the entry. Thread-safe.
  virtual Bytes Read(size_t entry, uint64_t offset, uint64_t size) const = 0;
  // Where an entry lies in the file system; empty inside an archive.
  virtual std::string PathOf(size_t) const { return {}; }

  Bytes ReadAll(size_t entry) const { return Read(entry, 0, entries_.at(entry).size); }
  const std::vector<Entry>& entries() const { return entries_; }
  // Folders that the container names, also empty ones, sorted.
  const std::vector<std::string>& folders() const { return folders_; }
  // The entry of that name, or entries().size().
  size_t Find(const std::string& name) const;

 protected:
  std::vector<Entry> entries_;
  std::vector<std::string> folders_;
};

// A folder, or a file that is an archive by its content. Throws Error: kNotFound, kUsage (no archive of ours, broken, a
// name that leaves the archive), kUnsupported (a limit, an encrypted zip), kUnavailable (cannot be read; no room for
// the spooled tar of a .tar.gz).
std::unique_ptr<Container> OpenContainer(const std::string& path, const ContainerLimits& limits = {});
// Files named by a list, relative to `base` or absolute; nothing is opened yet.
std::unique_ptr<Container> ListedFiles(const std::string& base, const std::vector<std::string>& names);

// The name as we keep it: '/' for '\', no leading "./", no doubled or closing '/'. Throws Error{kUsage} for one that is
// absolute or climbs out.
std::string SafeName(std::string name);

// A file descriptor that closes itself, and reads at a position.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  explicit File(const std::string&
                    path);  // for reading; throws Error naming the path: kNotFound, kUnavailable, kUsage (a pipe...)
  ~File();
  File(File&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  uint64_t size() const;
  // As many bytes as are there, up to `size`. Throws Error{kUnavailable}.
  size_t ReadAt(uint64_t offset, uint8_t* data, size_t size) const;

 private:
  int fd_;
};

// The archive formats. Throw as OpenContainer().
std::unique_ptr<Container> OpenTar(File file, const ContainerLimits& limits);
std::unique_ptr<Container> OpenZip(const std::string& path, const ContainerLimits& limits);
// The gzip stream unpacked into a nameless temporary file, which disappears with the descriptor.
File SpoolGzip(const File& packed, const ContainerLimits& limits);
bool IsGzip(const File& file);
// Whether a gzip stream begins as a tar does: no more than that is unpacked. Throws as SpoolGzip() and OpenTar() do.
void NeedPackedTar(const File& packed);

}  // namespace bakeoff::data
