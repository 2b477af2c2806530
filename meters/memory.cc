// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Proportional and unshared memory from /proc/self/smaps_rollup (kernel documentation,
// ABI/testing/procfs-smaps_rollup).
#include <fstream>

#include "bakeoff/meter.h"
#include "core/text.h"

namespace bakeoff {

std::optional<MemoryUse> ReadMemoryUse(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/self/smaps_rollup");
  MemoryUse use;
  bool any = false;
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string name = line.substr(0, colon);
    const auto words = core::Split(core::Trim(std::string_view(line).substr(colon + 1)), ' ');
    const auto kib = words.empty() ? std::nullopt : core::ParseInt(words[0]);
    if (!kib) continue;
    const int64_t bytes = *kib * 1024;
    if (name == "Pss") {
      use.pss_bytes = bytes;
      any = true;
    } else if (name == "Private_Clean" || name == "Private_Dirty") {
      use.uss_bytes += bytes;
    } else if (name == "Pss_Anon") {
      use.pss_anon_bytes = bytes;
    } else if (name == "Pss_File") {
      use.pss_file_bytes = bytes;
    } else if (name == "Pss_Shmem") {
      use.pss_shmem_bytes = bytes;
    }
  }
  return any ? std::optional(use) : std::nullopt;
}

}  // namespace bakeoff
