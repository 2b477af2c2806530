// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Lists, hashes and sends the files of an artifact, in pieces that a slow connection can carry within a time limit.
#include "worker/host/send_artifact.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

#include "bakeoff/error.h"
#include "core/onnx_skim.h"
#include "core/sha256.h"

namespace bakeoff::worker {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kPiece = 4 << 20;

// Each repetition is a fresh worker: without this a campaign would hash its models hundreds of times.
std::string HashOf(const fs::path& path, const struct stat& status) {
  using Key = std::tuple<std::string, dev_t, ino_t, off_t, time_t, long>;
  static std::mutex mutex;
  static std::map<Key, std::string> known;
  const Key key{path.string(),  status.st_dev,         status.st_ino,
                status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
  const std::lock_guard lock(mutex);
  std::string& hash = known[key];
  if (hash.empty()) hash = core::Sha256OfFile(path.string());
  return hash;
}

void Add(ArtifactFiles& artifact, const std::string& relative) {
  const fs::path path = artifact.root / relative;
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    throw Error(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                fmt::format("{}: {}", path.string(), std::strerror(errno)));
  }
  artifact.files.push_back({relative, static_cast<uint64_t>(status.st_size), HashOf(path, status)});
}

// Relative to the model, and below its folder: the protocol carries nothing else.
void AddReferred(ArtifactFiles& artifact, const std::string& model, const std::string& location) {
  const fs::path path = fs::path(location).lexically_normal();
  if (path.is_absolute() || path.empty() || *path.begin() == "..") {
    throw Error(
        ErrorCode::kUnsupported,
        fmt::format("{}: its external data '{}' lies outside the model's folder and cannot be sent to another machine",
                    (artifact.root / model).string(), location));
  }
  Add(artifact, path.string());
}

void AddFolder(ArtifactFiles& artifact) {
  std::set<std::string> names;  // sorted: the hash must not depend on the file system's order
  for (const auto& entry : fs::recursive_directory_iterator(artifact.root)) {
    if (entry.is_regular_file()) names.insert(fs::relative(entry.path(), artifact.root).string());
  }
  for (const std::string& name : names) Add(artifact, name);
}

Json RowOf(const ArtifactFile& file) {
  return {{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}};
}

void Send(const ArtifactFiles& artifact, const ArtifactFile& file, const AskFunction& ask) {
  spdlog::info("sending {} ({} bytes)", (artifact.root / file.path).string(), file.bytes);
  std::ifstream input(artifact.root / file.path, std::ios::binary);
  uint64_t offset = 0;
  // An empty file is one empty piece.
  do {
    NamedTensor piece{"chunk", DType::kU8, {}, {}};
    piece.data.resize(std::min(kPiece, file.bytes - offset));
    input.read(reinterpret_cast<char*>(piece.data.data()), static_cast<std::streamsize>(piece.data.size()));
    if (static_cast<size_t>(input.gcount()) != piece.data.size()) {
      throw Error(ErrorCode::kUnavailable,
                  fmt::format("{}: became shorter while it was sent", (artifact.root / file.path).string()));
    }
    piece.shape = {static_cast<int64_t>(piece.data.size())};
    ask({{"op", "put"}, {"sha256", artifact.sha256}, {"file", RowOf(file)}, {"offset", offset}}, {piece});
    offset += kPiece;
  } while (offset < file.bytes);
}

}  // namespace

ArtifactFiles FilesOf(const Artifact& artifact) {
  const fs::path path = fs::absolute(artifact.path).lexically_normal();
  ArtifactFiles files;
  if (fs::is_directory(path)) {
    files.root = path;
    AddFolder(files);
  } else {
    files.root = path.parent_path();
    const std::string model = path.filename().string();
    Add(files, model);
    for (const std::string& location : core::SkimOnnx(path).external_files) AddReferred(files, model, location);
    const fs::path weights = fs::path(path).replace_extension(".bin");
    if (path.extension() == ".xml" && fs::exists(weights)) Add(files, weights.filename().string());
  }
  std::string listing;
  for (const ArtifactFile& file : files.files) listing += fmt::format("{} {} {}\n", file.sha256, file.bytes, file.path);
  files.sha256 = core::Sha256Hex(listing);
  return files;
}

std::string PlaceArtifact(const Artifact& artifact, const AskFunction& ask) {
  if (!fs::exists(artifact.path))
    return artifact.path;  // an engine for testing may need no file, or the path is the other machine's
  const ArtifactFiles files = FilesOf(artifact);
  const bool folder = fs::is_directory(artifact.path);
  // One file is asked for by its own path; several by their folder, below which each has its place.
  const bool single = !folder && files.files.size() == 1;
  const std::string name = fs::path(artifact.path).filename().string();
  Json have = {{"op", "have"},
               {"sha256", files.sha256},
               {"files", Json::array()},
               {"path", (single ? files.root / name : files.root).string()}};
  for (const ArtifactFile& file : files.files) have["files"].push_back(RowOf(file));
  const auto answer = [&]() -> std::string {
    const Json ok = ask(have, {});
    const Json path = ok.value("path", Json());
    if (!path.is_string()) return "";
    return folder || single ? path.get<std::string>() : (fs::path(path.get<std::string>()) / name).string();
  };
  try {
    if (const std::string path = answer(); !path.empty()) return path;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    return artifact.path;
  }
  for (const ArtifactFile& file : files.files) Send(files, file, ask);
  const std::string path = answer();
  if (path.empty())
    throw Error(ErrorCode::kEngineFailed, fmt::format("the worker was sent {}, but does not have it", artifact.path));
  return path;
}

}  // namespace bakeoff::worker
