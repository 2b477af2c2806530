// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Results of conversions under a key of what they were made of: ${BAKEOFF_CACHE:-~/.cache/bakeoff}/converted/<key>/.
// Several processes may use one folder at the same time, and each may be killed at any moment: an entry is there whole,
// with the hashes of its files, or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bakeoff/json.h"

namespace bakeoff::convert {

class Cache {
 public:
  // Above `most_bytes` the entries that were used longest ago go, except those in use. Makes the folder. Throws
  // Error{kUnavailable} where it cannot.
  Cache(const std::filesystem::path& folder, uint64_t most_bytes);
  // The usual place. Throws Error{kUnavailable}, also where neither BAKEOFF_CACHE nor HOME is set.
  static Cache Usual(uint64_t most_bytes);
  // BAKEOFF_CONVERTED_MIB in bytes, 10240 MiB without it. Throws Error{kUsage} where it is no number.
  static uint64_t UsualLimit();

  struct Entry {
    std::filesystem::path folder;
    bool made = false;           // by this call
    std::shared_ptr<void> hold;  // while it lives, no process removes the entry
  };

  // The entry made of what `parts` describe; where there is none, or a damaged one, `make` writes its files into the
  // empty folder that it is given. One process makes, others that want the same wait for it. Throws what `make` throws,
  // and then there is no entry.
  Entry Get(const Json& parts, const std::function<void(const std::filesystem::path& folder)>& make) const;

  static std::string KeyOf(const Json& parts);

 private:
  std::optional<Entry> Find(const std::string& key, const Json& parts) const;
  void MakeRoom(const std::string& keep) const;

  std::filesystem::path folder_;
  uint64_t most_bytes_;
};

}  // namespace bakeoff::convert
