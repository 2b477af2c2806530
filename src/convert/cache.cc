// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A maker holds the lock of its key; a user holds the folder of its entry. The kernel drops both with the process, so
// that a killed one leaves nothing but a folder that the next maker empties.
#include "convert/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <vector>

#include "bakeoff/error.h"
#include "convert/staging.h"
#include "core/fd.h"
#include "core/file_lock.h"
#include "core/files.h"
#include "core/sha256.h"
#include "core/text.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;
using core::Fd;

// Part of every key: whoever changes what an entry holds makes the old ones unfindable by a new number.
constexpr int kSchema = 1;
constexpr const char* kList = "entry.json";
constexpr uint64_t kUsualMib = 10 << 10;

Error Unavailable(const char* what, const fs::path& path, int error) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("converted models: cannot {} {}: {}; BAKEOFF_CACHE names another folder", what,
                           path.string(), std::strerror(error)));
}

// A locked file of that name; nullptr where `how` is LOCK_NB and somebody else has it.
std::shared_ptr<Fd> LockedFile(const fs::path& path, int how) {
  core::LockedFile locked = core::LockFile(path, how);
  using State = core::LockedFile::State;
  if (locked.state == State::kNotOpened) throw Unavailable("write", path, locked.error);
  if (locked.state == State::kNotLocked) throw Unavailable("lock", path, locked.error);
  return locked.state == State::kHeld ? nullptr : std::make_shared<Fd>(std::move(locked.file));
}

// Name, size and hash of every file of an entry but the list itself.
Json FilesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (each.is_regular_file()) names.push_back(fs::relative(each.path(), folder).string());
  }
  std::sort(names.begin(), names.end());
  Json files = Json::array();
  for (const std::string& name : names) {
    if (name == kList) continue;
    const fs::path path = folder / name;
    files.push_back({{"path", name}, {"bytes", fs::file_size(path)}, {"sha256", core::Sha256OfFile(path.string())}});
  }
  return files;
}

// Bytes may rot and people may edit: only what still has the hashes of its list is an entry.
bool IsWhole(const fs::path& folder, const Json& parts) {
  try {
    const Json list = Json::parse(core::ReadFile(folder / kList));
    return list.at("schema") == kSchema && list.at("parts") == parts && list.at("files") == FilesIn(folder);
  } catch (const std::exception&) {
    return false;
  }
}

uint64_t BytesIn(const fs::path& folder) {
  std::error_code failure;
  uint64_t bytes = 0;
  for (const auto& each : fs::recursive_directory_iterator(folder, failure)) {
    const auto size = each.is_regular_file(failure) ? each.file_size(failure) : 0;
    if (!failure) bytes += size;
  }
  return bytes;
}

bool IsKey(const std::string& name) {
  return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void Remove(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

// Out of the way by one rename, so that nobody finds half of it, and then gone.
void Discard(const fs::path& entry) {
  const fs::path aside = fmt::format("{}.gone.{}", entry.string(), getpid());
  std::error_code failure;
  fs::rename(entry, aside, failure);
  if (!failure) Remove(aside);
}

}  // namespace

Cache::Cache(const fs::path& folder, uint64_t most_bytes) : folder_(fs::absolute(folder)), most_bytes_(most_bytes) {
  std::error_code failure;
  fs::create_directories(folder_, failure);
  if (failure) throw Unavailable("make", folder_, failure.value());
}

Cache Cache::Usual(uint64_t most_bytes) {
  const fs::path folder = core::CacheFolder("converted");
  if (folder.empty()) {
    throw Error(ErrorCode::kUnavailable, "no place for converted models: neither BAKEOFF_CACHE nor HOME is set");
  }
  return {folder, most_bytes};
}

uint64_t Cache::UsualLimit() {
  const char* text = std::getenv("BAKEOFF_CONVERTED_MIB");
  if (!text || !*text) return kUsualMib << 20;
  const auto number = core::ParseInt(text);
  if (!number || *number < 0 || *number > (int64_t{1} << 40))
    throw Error(ErrorCode::kUsage, fmt::format("BAKEOFF_CONVERTED_MIB={}: give a number of MiB", text));
  return static_cast<uint64_t>(*number) << 20;
}

std::string Cache::KeyOf(const Json& parts) {
  return core::Sha256Hex(Json{{"schema", kSchema}, {"parts", parts}}.dump());
}

std::optional<Cache::Entry> Cache::Find(const std::string& key, const Json& parts) const {
  const fs::path path = folder_ / key;
  const auto held = std::make_shared<Fd>(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (held->get() < 0 || !core::Lock(held->get(), LOCK_SH) || !core::StillThere(held->get(), path)) return std::nullopt;
  if (!IsWhole(path, parts)) return std::nullopt;
  futimens(held->get(), nullptr);  // used now, for MakeRoom()
  return Entry{path, false, held};
}

Cache::Entry Cache::Get(const Json& parts, const std::function<void(const fs::path&)>& make) const {
  const std::string key = KeyOf(parts);
  if (auto entry = Find(key, parts)) return *entry;
  const fs::path place = folder_ / key, lock_path = folder_ / (key + ".lock"), making = folder_ / (key + ".making");
  const auto lock = LockedFile(lock_path, LOCK_EX);
  // Whoever had the lock may have made it.
  if (auto entry = Find(key, parts)) return *entry;
  Remove(making);
  std::error_code failure;
  fs::create_directory(making, failure);
  if (failure) throw Unavailable("make", making, failure.value());
  try {
    make(making);
    core::WriteFileAtomically(making / kList,
                              Json{{"schema", kSchema}, {"parts", parts}, {"files", FilesIn(making)}}.dump(1) + "\n");
    SyncAll(making);
  } catch (...) {
    Remove(making);
    std::error_code ignored;
    fs::remove(lock_path, ignored);
    throw;
  }
  if (fs::exists(place)) Discard(place);  // it was damaged
  fs::rename(making, place, failure);
  if (failure) throw Unavailable("name", place, failure.value());
  Sync(folder_);
  auto entry = Find(key, parts);
  fs::remove(lock_path, failure);
  if (!entry)
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}: what was just written there cannot be read back as it was", place.string()));
  entry->made = true;
  MakeRoom(key);
  return *entry;
}

void Cache::MakeRoom(const std::string& keep) const {
  struct Old {
    fs::file_time_type used;
    uint64_t bytes;
    fs::path path;
  };
  std::vector<Old> entries;
  uint64_t total = 0;
  std::error_code failure;
  for (const auto& each : fs::directory_iterator(folder_, failure)) {
    const std::string name = each.path().filename().string();
    if (IsKey(name)) {
      entries.push_back({each.last_write_time(failure), BytesIn(each.path()), each.path()});
      total += entries.back().bytes;
    } else if (name.find(".gone.") != std::string::npos) {
      Remove(each.path());  // its remover was killed
    } else if (name.ends_with(".making")) {
      // Without its lock it belongs to a process that was killed.
      const fs::path lock_path = folder_ / (name.substr(0, name.size() - 7) + ".lock");
      if (const auto lock = LockedFile(lock_path, LOCK_EX | LOCK_NB)) {
        Remove(each.path());
        fs::remove(lock_path, failure);
      }
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Old& a, const Old& b) { return a.used < b.used; });
  for (const Old& old : entries) {
    if (total <= most_bytes_) return;
    if (old.path.filename() == keep) continue;
    const Fd held(open(old.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (held.get() < 0 || !core::Lock(held.get(), LOCK_EX | LOCK_NB)) continue;
    Discard(old.path);
    total -= old.bytes;
  }
}

}  // namespace bakeoff::convert
