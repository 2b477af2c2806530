// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Paths, compared by where they lead.
#include "campaign/paths.h"

namespace bakeoff::campaign {

namespace fs = std::filesystem;

fs::path Whole(const fs::path& path) {
  return fs::absolute(path).lexically_normal();
}

bool Within(const fs::path& path, const fs::path& of) {
  const fs::path relative = Whole(path).lexically_relative(Whole(of));
  return !relative.empty() && *relative.begin() != "..";
}

std::string LogName(const std::string& step) {
  return "log/" + step + ".log";
}

}  // namespace bakeoff::campaign
