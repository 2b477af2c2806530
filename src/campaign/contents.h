// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What is in files and folders, as hashes that are remembered as long as nothing was touched.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "bakeoff/json.h"

namespace bakeoff::campaign {

class Contents {
 public:
  // `remembered`: what ToJson() gave.
  explicit Contents(const Json& remembered = nullptr);

  // Of a file (a model with the files that it refers to, a list of pictures with the pictures), or of all files below a
  // folder. "" where there is nothing, or where it cannot be read.
  std::string Of(const std::filesystem::path& path);

  Json ToJson() const;

 private:
  struct Known {
    std::string stamp;  // over names, sizes, times and numbers of the files
    std::string sha256;
  };
  std::string OfFile(const std::filesystem::path& path);
  Known& Remembered(const std::filesystem::path& path);

  std::map<std::string, Known> known_, session_;  // the latter: of lists, whose pictures may change between calls
};

}  // namespace bakeoff::campaign
