// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Contents of files and folders.
#include "campaign/contents.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "bakeoff/error.h"
#include "core/formats.h"
#include "core/sha256.h"
#include "core/text.h"
#include "data/dataset.h"
#include "worker/host/send_artifact.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;

std::string StampOf(const fs::path& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return "";
  return fmt::format("{}:{}:{}.{}:{}.{}", info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                     info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

// Sorted, so that the order of the folder does not count.
std::vector<fs::path> FilesBelow(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code no_file;
    if (it->is_regular_file(no_file)) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool IsList(const fs::path& path) {
  const std::string ending = core::Lower(path.extension().string());
  return ending == ".jsonl" || ending == ".csv";
}

std::string HashOfList(const fs::path& path) {
  core::Sha256 sha;
  sha.Add(core::Sha256OfFile(path.string()));
  const data::Dataset dataset = data::OpenDataset(path.string());
  for (const data::Item& item : dataset.items) {
    try {
      const data::Bytes bytes = dataset.Read(item);
      sha.Add(core::Sha256Hex({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}));
    } catch (const Error&) {
      sha.Add("unreadable");  // whoever uses it will say so
    }
  }
  return core::Hex(sha.Finish());
}

std::string HashOfFolder(const fs::path& folder, const std::vector<fs::path>& files) {
  core::Sha256 sha;
  for (const fs::path& file : files) {
    sha.Add(file.lexically_relative(folder).string());
    sha.Add(std::string_view("\0", 1));
    sha.Add(core::Sha256OfFile(file.string()));
  }
  return core::Hex(sha.Finish());
}

}  // namespace

Contents::Contents(const Json& remembered) {
  if (!remembered.is_object()) return;
  for (const auto& [path, row] : remembered.items()) {
    if (row.is_object() && row.contains("stamp") && row.contains("sha256") && row["stamp"].is_string() &&
        row["sha256"].is_string())
      known_[path] = {row["stamp"].get<std::string>(), row["sha256"].get<std::string>()};
  }
}

Contents::Known& Contents::Remembered(const fs::path& path) {
  return known_[fs::absolute(path).lexically_normal().string()];
}

std::string Contents::OfFile(const fs::path& path) {
  const std::string stamp = StampOf(path);
  if (IsList(path)) {
    Known& known = session_[path.string()];
    if (known.stamp != stamp) known = {stamp, HashOfList(path)};
    return known.sha256;
  }
  FormatId format;
  try {
    format = core::RecogniseFormat(path);
  } catch (const Error&) {
    Known& known = Remembered(path);
    if (known.stamp != stamp) known = {stamp, core::Sha256OfFile(path.string())};
    return known.sha256;
  }
  // Weights lie in other files: no stamp of this one stands for them.
  return worker::FilesOf({.path = path.string(), .format = format}).sha256;
}

std::string Contents::Of(const fs::path& path) {
  std::error_code error;
  try {
    if (!fs::exists(path, error)) return "";
    if (!fs::is_directory(path, error)) return OfFile(path);
    const std::vector<fs::path> files = FilesBelow(path);
    core::Sha256 stamps;
    for (const fs::path& file : files) stamps.Add(file.lexically_relative(path).string() + StampOf(file));
    const std::string stamp = core::Hex(stamps.Finish());
    Known& known = Remembered(path);
    if (known.stamp != stamp) known = {stamp, HashOfFolder(path, files)};
    return known.sha256;
  } catch (const Error&) {
    return "";
  }
}

Json Contents::ToJson() const {
  Json json = Json::object();
  for (const auto& [path, known] : known_) json[path] = {{"stamp", known.stamp}, {"sha256", known.sha256}};
  return json;
}

}  // namespace bakeoff::campaign
