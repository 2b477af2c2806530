// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The counter that the kernel raises before it sends the signal.
#include "core/out_of_memory.h"

#include <fstream>
#include <string>

namespace bakeoff::core {

std::optional<int64_t> OutOfMemoryKills(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/vmstat");
  std::string name;
  for (int64_t value = 0; file >> name >> value;) {
    if (name == "oom_kill") return value;
  }
  return std::nullopt;
}

}  // namespace bakeoff::core
