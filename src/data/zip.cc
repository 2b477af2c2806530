// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Zip through libzip. Its handles belong to one thread at a time, so readers take one from a pool.
#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "bakeoff/error.h"
#include "data/container.h"

namespace bakeoff::data {
namespace {

constexpr uint64_t kRatioFrom = 16 << 20;

struct Discard {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
using Handle = std::unique_ptr<zip_t, Discard>;

Handle OpenHandle(const std::string& path) {
  int code = 0;
  Handle zip(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (!zip) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    throw Error(ErrorCode::kUsage, "broken zip: " + text);
  }
  return zip;
}

class Zip final : public Container {
 public:
  Zip(std::string path, const ContainerLimits& limits) : path_(std::move(path)) {
    Handle zip = OpenHandle(path_);
    const zip_int64_t count = zip_get_num_entries(zip.get(), 0);
    if (count < 0 || static_cast<uint64_t>(count) > limits.entries) {
      throw Error(ErrorCode::kUnsupported, fmt::format("more than {} entries", limits.entries));
    }
    std::map<std::string, std::pair<uint64_t, uint64_t>> found;
    const uint64_t file_size = File(path_).size();
    uint64_t packed = 0, unpacked = 0;
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
      zip_stat_t stat;
      if (zip_stat_index(zip.get(), i, 0, &stat) != 0)
        throw Error(ErrorCode::kUsage, "broken zip: an entry without a name");
      const bool folder = std::string_view(stat.name).ends_with('/') || std::string_view(stat.name).ends_with('\\');
      const std::string name = SafeName(stat.name);
      if (name.empty()) continue;
      if (folder) {
        folders_.push_back(name);
        continue;
      }
      // A lie here would let the ratio below pass.
      if (stat.comp_size > file_size)
        throw Error(ErrorCode::kUsage, fmt::format("broken zip: entry '{}' is larger than the file", name));
      Check(name, stat, limits);
      packed += stat.comp_size, unpacked += stat.size;
      found[name] = {i, stat.size};
    }
    if (unpacked > limits.total_bytes ||
        (unpacked > kRatioFrom && static_cast<double>(unpacked) > limits.ratio * static_cast<double>(packed))) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("unpacks to {} bytes, more than {} or {} times its size: this looks like a bomb",
                              unpacked, limits.total_bytes, limits.ratio));
    }
    for (const auto& [name, place] : found) {
      entries_.push_back({name, place.second});
      indices_.push_back(place.first);
    }
    std::sort(folders_.begin(), folders_.end());
    pool_.push_back(std::move(zip));
  }

  // libzip checks the CRC when the last byte is read, and never gives more bytes than we ask for, whatever the header
  // promises.
  Bytes Read(size_t entry, uint64_t offset, uint64_t size) const override {
    const Entry& e = entries_.at(entry);
    if (offset != 0 || size != e.size) {
      throw Error(ErrorCode::kUnsupported,
                  e.name + ": only whole files are read from a zip; unpack it, or use .tar or .tar.gz");
    }
    Handle zip = Take();
    Bytes bytes(size);
    {
      const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(zip.get(), indices_[entry], 0),
                                                                   zip_fclose);
      if (!file)
        throw Error(ErrorCode::kUsage, fmt::format("{}: broken zip entry: {}", e.name, zip_strerror(zip.get())));
      size_t done = 0;
      zip_int64_t n = 1;
      while (done < size && (n = zip_fread(file.get(), bytes.data() + done, size - done)) > 0)
        done += static_cast<size_t>(n);
      uint8_t beyond;
      if (done == size) n = zip_fread(file.get(), &beyond, 1);  // here libzip has compared the CRC
      if (done != size || n != 0) {
        throw Error(ErrorCode::kUsage, fmt::format("{}: broken zip entry: {}", e.name,
                                                   n < 0 ? zip_file_strerror(file.get()) : "not of the promised size"));
      }
    }
    const std::lock_guard lock(mutex_);
    pool_.push_back(std::move(zip));
    return bytes;
  }

 private:
  static void Check(const std::string& name, const zip_stat_t& stat, const ContainerLimits& limits) {
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE) {
      throw Error(ErrorCode::kUnsupported, fmt::format("entry '{}' is encrypted", name));
    }
    if (stat.size > limits.entry_bytes) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("entry '{}' has {} bytes, the limit is {}", name, stat.size, limits.entry_bytes));
    }
    if (stat.size > kRatioFrom && static_cast<double>(stat.size) > limits.ratio * static_cast<double>(stat.comp_size)) {
      throw Error(
          ErrorCode::kUnsupported,
          fmt::format("entry '{}' unpacks to more than {} times its size: this looks like a bomb", name, limits.ratio));
    }
  }

  Handle Take() const {
    {
      const std::lock_guard lock(mutex_);
      if (!pool_.empty()) {
        Handle zip = std::move(pool_.back());
        pool_.pop_back();
        return zip;
      }
    }
    return OpenHandle(path_);
  }

  std::string path_;
  std::vector<uint64_t> indices_;
  mutable std::mutex mutex_;
  mutable std::vector<Handle> pool_;
};

}  // namespace

std::unique_ptr<Container> OpenZip(const std::string& path, const ContainerLimits& limits) {
  return std::make_unique<Zip>(path, limits);
}

}  // namespace bakeoff::data
