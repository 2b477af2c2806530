// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A folder that appears with all of its files at once, or not at all.
#include "data/staging.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "bakeoff/error.h"
#include "core/files.h"

namespace bakeoff::data {

namespace fs = std::filesystem;

StagedFolder::StagedFolder(const std::string& target) : target_(fs::absolute(target).lexically_normal().string()) {
  while (target_.size() > 1 && target_.ends_with('/')) target_.pop_back();
  std::error_code failure;
  if (fs::exists(target_, failure)) {
    if (!fs::is_directory(target_, failure))
      throw Error(ErrorCode::kUsage, fmt::format("{}: is a file; give a new folder", target));
    if (!fs::is_empty(target_, failure))
      throw Error(ErrorCode::kUsage, fmt::format("{}: is not empty; give a new folder", target));
  }
  const fs::path final_path(target_);
  path_ =
      (final_path.parent_path() / fmt::format(".{}.partial-{}", final_path.filename().string(), ::getpid())).string();
  fs::remove_all(path_, failure);
  fs::create_directories(path_, failure);
  if (failure) throw Error(ErrorCode::kUnavailable, fmt::format("{}: {}", path_, failure.message()));
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void StagedFolder::MakeParent(const std::string& name) const {
  std::error_code failure;
  fs::create_directories((fs::path(path_) / name).parent_path(), failure);
  if (failure) throw Error(ErrorCode::kUnavailable, fmt::format("{}/{}: {}", target_, name, failure.message()));
}

void StagedFolder::Write(const std::string& name, ByteSpan bytes) const {
  MakeParent(name);
  const std::string full = (fs::path(path_) / name).string();
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
  if (std::rename(path_.c_str(), target_.c_str()) != 0) {
    throw Error(ErrorCode::kUnavailable, fmt::format("{}: {}", target_, std::strerror(errno)));
  }
  path_.clear();
}

}  // namespace bakeoff::data
