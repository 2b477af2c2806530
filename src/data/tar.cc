// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tar (POSIX ustar and pax, GNU long names), indexed once and read in place; and the spooling of a compressed one.
#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include "bakeoff/error.h"
#include "core/text.h"
#include "data/container.h"

namespace bakeoff::data {
namespace {

constexpr uint64_t kBlock = 512;
constexpr uint64_t kMostNameBytes = 1 << 20;  // of a pax header or a long name
constexpr uint64_t kRatioFrom = 16 << 20;

[[noreturn]] void Broken(const std::string& why) {
  throw Error(ErrorCode::kUsage, "broken tar: " + why);
}

[[noreturn]] void BrokenGzip(const char* why) {
  throw Error(ErrorCode::kUsage, fmt::format("broken gzip: {}", why != nullptr ? why : "damaged"));
}

class Tar final : public Container {
 public:
  Tar(File file, const std::map<std::string, std::pair<uint64_t, uint64_t>>& found, std::vector<std::string> folders)
      : file_(std::move(file)) {
    for (const auto& [name, place] : found) {
      entries_.push_back({name, place.second});
      offsets_.push_back(place.first);
    }
    folders_ = std::move(folders);
  }
  Bytes Read(size_t entry, uint64_t offset, uint64_t size) const override {
    const Entry& e = entries_.at(entry);
    if (offset > e.size || size > e.size - offset)
      throw Error(ErrorCode::kUnavailable, e.name + ": shorter than expected");
    Bytes bytes(size);
    if (file_.ReadAt(offsets_[entry] + offset, bytes.data(), size) != size)
      throw Error(ErrorCode::kUnavailable, e.name + ": cut short");
    return bytes;
  }

 private:
  File file_;
  std::vector<uint64_t> offsets_;
};

// Octal digits, or GNU's base 256 for what does not fit.
uint64_t Number(const uint8_t* field, size_t size) {
  uint64_t value = 0;
  if (field[0] & 0x80) {
    if (field[0] != 0x80) Broken("a size that no file has");
    for (size_t i = 1; i < size; ++i) {
      if (value >> 55) Broken("a size that no file has");
      value = value << 8 | field[i];
    }
    return value;
  }
  for (size_t i = 0; i < size && field[i] != 0; ++i) {
    if (field[i] == ' ') continue;
    if (field[i] < '0' || field[i] > '7') Broken("a number is not octal");
    value = value << 3 | static_cast<uint64_t>(field[i] - '0');
  }
  return value;
}

std::string Text(const uint8_t* field, size_t size) {
  const auto* end = static_cast<const uint8_t*>(std::memchr(field, 0, size));
  return std::string(reinterpret_cast<const char*>(field), end != nullptr ? static_cast<size_t>(end - field) : size);
}

bool ChecksumFits(const uint8_t* head) {
  uint64_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) sum += i >= 148 && i < 156 ? ' ' : head[i];
  return sum == Number(head + 148, 8);
}

// What pax headers and GNU's long names say of the entry that follows.
struct Described {
  std::string path, link, size;
};

// "LENGTH key=value\n" records; a name, the name of a link and a size matter to us.
void ReadPax(const std::string& records, Described& next) {
  size_t at = 0;
  while (at < records.size()) {
    const size_t space = records.find(' ', at);
    const auto length =
        space == std::string::npos ? std::nullopt : core::ParseInt(std::string_view(records).substr(at, space - at));
    if (!length || *length <= 0 || static_cast<uint64_t>(*length) > records.size() - at ||
        at + static_cast<size_t>(*length) <= space + 1) {
      Broken("a pax header does not add up");
    }
    const std::string record = records.substr(space + 1, at + static_cast<size_t>(*length) - space - 2);
    if (record.starts_with("path=")) next.path = record.substr(5);
    if (record.starts_with("linkpath=")) next.link = record.substr(9);
    if (record.starts_with("size=")) next.size = record.substr(5);
    at += static_cast<size_t>(*length);
  }
}

class TarWalk {
 public:
  TarWalk(const File& file, const ContainerLimits& limits) : file_(file), limits_(limits), end_(file.size()) {}

  void Run() {
    uint8_t head[kBlock];
    while (file_.ReadAt(at_, head, kBlock) == kBlock) {
      // Two blocks of zeros end a tar; one is enough for us.
      if (std::all_of(head, head + kBlock, [](uint8_t b) { return b == 0; })) return;
      if (!ChecksumFits(head)) Broken(fmt::format("a header at byte {} fails its checksum", at_));
      One(head);
    }
    if (at_ != end_) Broken("cut short");
  }

  std::map<std::string, std::pair<uint64_t, uint64_t>> found;
  std::vector<std::string> folders;
  std::vector<std::string> unfollowed;  // links

 private:
  void One(const uint8_t* head) {
    uint64_t size = Number(head + 124, 12);
    const char type = static_cast<char>(head[156]);
    const bool describes_next = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    if (!describes_next && !next_.size.empty()) {
      const auto given = core::ParseInt(next_.size);
      if (!given || *given < 0) Broken("a pax size is no number");
      size = static_cast<uint64_t>(*given);
    }
    const uint64_t data = at_ + kBlock;
    // Links and devices have no data, whatever their size field says.
    const bool has_data = describes_next || type == '0' || type == 0 || type == '7';
    if (!has_data) size = 0;
    if (data > end_ || size > end_ - data) Broken("cut short");
    at_ = data + (size + kBlock - 1) / kBlock * kBlock;
    at_ = std::min(at_, end_);
    if (describes_next) return Describe(type, data, size);
    const Described described = std::exchange(next_, {});
    const std::string name = SafeName(described.path.empty() ? HeaderName(head) : described.path);
    if (name.empty()) return;
    if (type == '5') folders.push_back(name);
    if (type == '0' || type == 0 || type == '7') Add(name, data, size);
    if (type == '1' || type == '2') Link(name, described.link.empty() ? Text(head + 157, 100) : described.link, type);
  }

  void Add(const std::string& name, uint64_t data, uint64_t size) {
    if (size > limits_.entry_bytes)
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("entry '{}' has {} bytes, the limit is {}", name, size, limits_.entry_bytes));
    total_ += size;
    found[name] = {data, size};  // the last one of a name counts, as for tar itself
    if (found.size() > limits_.entries || total_ > limits_.total_bytes) {
      throw Error(ErrorCode::kUnsupported, fmt::format("more than {} entries or {} bytes (at '{}')", limits_.entries,
                                                       limits_.total_bytes, name));
    }
  }

  // tar writes the second name of a file as a hard link to the first. A symbolic one may lead anywhere.
  void Link(const std::string& name, const std::string& target, char type) {
    const auto file = type == '1' ? found.find(SafeName(target)) : found.end();
    if (file == found.end()) {
      unfollowed.push_back(name);
    } else {
      Add(name, file->second.first, file->second.second);
    }
  }

  void Describe(char type, uint64_t data, uint64_t size) {
    if (size > kMostNameBytes) Broken("a name or pax header of more than a megabyte");
    std::string text(size, '\0');
    file_.ReadAt(data, reinterpret_cast<uint8_t*>(text.data()), size);
    if (type == 'x') ReadPax(text, next_);
    if (type == 'L') next_.path = text.c_str();
    if (type == 'K') next_.link = text.c_str();
  }

  static std::string HeaderName(const uint8_t* head) {
    const std::string name = Text(head, 100);
    const bool posix = std::memcmp(head + 257, "ustar\0", 6) == 0;  // GNU's "ustar " keeps other things in the prefix
    const std::string prefix = posix ? Text(head + 345, 155) : "";
    return prefix.empty() ? name : prefix + "/" + name;
  }

  const File& file_;
  const ContainerLimits& limits_;
  const uint64_t end_;
  uint64_t at_ = 0, total_ = 0;
  Described next_;
};

struct Inflater {
  z_stream stream{};
  Inflater() {
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw Error(ErrorCode::kUnavailable, "out of memory");
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

File TemporaryFile() {
  const char* folder = std::getenv("TMPDIR");
  std::string name = fmt::format("{}/bakeoff-XXXXXX", folder != nullptr && *folder != 0 ? folder : "/tmp");
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0)
    throw Error(ErrorCode::kUnavailable,
                fmt::format("a temporary file for the unpacked archive ({}): {}", name, std::strerror(errno)));
  ::unlink(name.c_str());
  return File(fd);
}

void WriteAll(int fd, const uint8_t* data, size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      throw Error(ErrorCode::kUnavailable,
                  fmt::format("unpacking to a temporary file (TMPDIR chooses where): {}", std::strerror(errno)));
    data += n, size -= static_cast<size_t>(n);
  }
}

}  // namespace

std::unique_ptr<Container> OpenTar(File file, const ContainerLimits& limits) {
  TarWalk walk(file, limits);
  walk.Run();
  if (!walk.unfollowed.empty()) {
    spdlog::warn("links in the archive are not followed ({}, the first is '{}'); tar's option -h stores files instead",
                 walk.unfollowed.size(), walk.unfollowed[0]);
  }
  std::sort(walk.folders.begin(), walk.folders.end());
  auto found = std::move(walk.found);
  auto folders = std::move(walk.folders);
  return std::make_unique<Tar>(std::move(file), std::move(found), std::move(folders));
}

File SpoolGzip(const File& packed, const ContainerLimits& limits) {
  File out = TemporaryFile();
  Inflater inflater;
  z_stream& z = inflater.stream;
  Bytes in(1 << 18), piece(1 << 20);
  uint64_t read = 0, written = 0;
  int status = Z_OK;
  while (true) {
    if (z.avail_in == 0) {
      const size_t n = packed.ReadAt(read, in.data(), in.size());
      if (n == 0) break;
      read += n, z.next_in = in.data(), z.avail_in = static_cast<uInt>(n);
    }
    // Several members one after the other are one stream; padding with zeros after the last is common on tapes.
    if (status == Z_STREAM_END) {
      if (*z.next_in == 0) break;
      inflateReset(&z);
    }
    z.next_out = piece.data(), z.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&z, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      BrokenGzip(z.msg);
    }
    const size_t n = piece.size() - z.avail_out;
    written += n;
    if (written > limits.total_bytes ||
        (written > kRatioFrom && static_cast<double>(written) > limits.ratio * static_cast<double>(read))) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("unpacks to more than {} bytes or {} times its size: this looks like a bomb",
                              limits.total_bytes, limits.ratio));
    }
    WriteAll(out.fd(), piece.data(), n);
  }
  if (status != Z_STREAM_END) BrokenGzip("cut short");
  return out;
}

bool IsGzip(const File& file) {
  uint8_t head[3] = {};
  return file.ReadAt(0, head, sizeof(head)) == sizeof(head) && head[0] == 0x1f && head[1] == 0x8b;
}

void NeedPackedTar(const File& packed) {
  Inflater inflater;
  z_stream& z = inflater.stream;
  // A header of gzip may hold a name and a comment; the first block of what follows it comes out of the first bytes.
  Bytes in(1 << 18), head(kBlock);
  z.next_in = in.data(), z.avail_in = static_cast<uInt>(packed.ReadAt(0, in.data(), in.size()));
  z.next_out = head.data(), z.avail_out = static_cast<uInt>(head.size());
  const int status = inflate(&z, Z_NO_FLUSH);
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) BrokenGzip(z.msg);
  if (z.avail_out > 0) status == Z_STREAM_END ? Broken("cut short") : BrokenGzip("cut short");
  if (std::any_of(head.begin(), head.end(), [](uint8_t b) { return b != 0; }) && !ChecksumFits(head.data()))
    Broken("the header at its beginning fails its checksum");
}

}  // namespace bakeoff::data
