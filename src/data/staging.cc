// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A folder that appears with all of its files at once, or not at all.
#include "data/staging.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "bakeoff/error.h"
#include "core/files.h"

namespace bakeoff::data {

namespace fs = std::filesystem;

namespace {

// The absolute name, which nothing but an empty folder has.
std::string NewFolder(const std::string& target) {
  std::string name = fs::absolute(target).lexically_normal().string();
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  std::error_code failure;
  if (fs::exists(name, failure)) {
    if (!fs::is_directory(name, failure))
      throw Error(ErrorCode::kUsage, fmt::format("{}: is a file; give a new folder", target));
    if (!fs::is_empty(name, failure))
      throw Error(ErrorCode::kUsage, fmt::format("{}: is not empty; give a new folder", target));
  }
  return name;
}

// The folder in which `name` is to appear, made where it is missing.
fs::path MadeFolderOf(const std::string& name) {
  const fs::path folder = fs::path(name).parent_path();
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error(ErrorCode::kUnavailable, fmt::format("{}: {}", folder.string(), failure.message()));
  return folder;
}

}  // namespace

StagedFolder::StagedFolder(const std::string& target)
    : target_(NewFolder(target)),
      folder_(MadeFolderOf(target_), fmt::format(".{}.partial", fs::path(target_).filename().string())) {}

void StagedFolder::MakeParent(const std::string& name) const {
  // Step by step: a thread that writes while a signal ends the process must not make the removed folder anew.
  fs::path folder = folder_.path();
  for (const fs::path& step : fs::path(name).parent_path()) {
    std::error_code failure;
    fs::create_directory(folder /= step, failure);
    if (failure) throw Error(ErrorCode::kUnavailable, fmt::format("{}/{}: {}", target_, name, failure.message()));
  }
}

void StagedFolder::Write(const std::string& name, ByteSpan bytes) const {
  MakeParent(name);
  const std::string full = (folder_.path() / name).string();
  FILE* file = std::fopen(full.c_str(), "wbx");
  bool good = file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  if (file != nullptr) good = std::fclose(file) == 0 && good;
  if (!good)
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}/{}: cannot write: {}", target_, name, core::WriteFailure(errno)));
}

void StagedFolder::Write(const std::string& name, std::string_view text) const {
  Write(name, ByteSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

void StagedFolder::Commit() {
  if (std::rename(folder_.path().c_str(), target_.c_str()) != 0) {
    throw Error(ErrorCode::kUnavailable, fmt::format("{}: {}", target_, std::strerror(errno)));
  }
  folder_.Release();
}

}  // namespace bakeoff::data
