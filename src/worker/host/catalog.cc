// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Finds the workers, describes the unknown ones at the same time, and explains the missing ones.
#include "worker/host/catalog.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <thread>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/text.h"
#include "worker/host/description.h"
#include "worker/info.h"

namespace bakeoff::worker {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// What tells engines and hops apart: their files' names, the build's list, and the reader of their descriptions.
template <typename Info>
struct Kind {
  std::string_view start;
  std::string_view list;
  std::string_view key;
  Info (*read)(const Json&);
};
constexpr Kind<EngineInfo> kEngineKind{"bakeoff-engine-", "bakeoff-engines.json", "engines", InfoFromJson};
constexpr Kind<HopInfo> kHopKind{"bakeoff-hop-", "bakeoff-hops.json", "hops", HopInfoFromJson};

// The first start of a large runtime reads hundreds of MiB from disk.
constexpr auto kDescribeLimit = 60s;

bool IsName(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool IsProgram(const fs::path& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0;
}

// The workers in one folder; those that are known already stay.
void AddWorkersOf(const fs::path& folder, std::string_view start, std::map<std::string, std::string>& found) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string file = it->path().filename().string();
    if (!file.starts_with(start) || !IsName(file.substr(start.size())) || !IsProgram(it->path())) continue;
    found.emplace(file.substr(start.size()), fs::absolute(it->path()).string());
  }
}

// Workers that the build knows but did not make, with the reason.
std::map<std::string, std::string> LeftOut(const fs::path& list, std::string_view key) {
  std::map<std::string, std::string> reasons;
  try {
    const Json json = Json::parse(core::ReadFile(list, 1 << 20));
    for (const Json& row : json.at(std::string(key))) {
      const bool built = row.at("built").get<bool>();
      reasons[row.at("name").get<std::string>()] =
          built ? "its worker is gone; run: make build" : row.value("reason", "left out of this build");
    }
  } catch (const std::exception& error) {
    // An installed tree may have no list: then nothing is known to be missing.
    spdlog::debug("{}", error.what());
  }
  return reasons;
}

template <typename Info>
void Describe(const Kind<Info>& kind, WorkerEntry<Info>& entry, const fs::path& cache) {
  try {
    std::vector<std::string> libraries;
    const Json info = AskForDescription(entry.executable, kDescribeLimit, libraries);
    entry.info = kind.read(info);
    entry.status = EngineStatus::kPresent;
    if (!cache.empty()) RememberDescription(cache, entry.executable, info, libraries);
  } catch (const Error& error) {
    entry.status = EngineStatus::kBroken;
    entry.reason = error.text();
  }
}

// From the cache; false where it has nothing that can be used.
template <typename Info>
bool Remember(const Kind<Info>& kind, WorkerEntry<Info>& entry, const fs::path& cache) {
  const auto info = cache.empty() ? std::nullopt : RememberedDescription(cache, entry.executable);
  if (!info) return false;
  try {
    entry.info = kind.read(*info);
  } catch (const Error&) {
    return false;  // damaged: it is asked again
  }
  entry.status = EngineStatus::kPresent;
  return true;
}

template <typename Info>
std::vector<WorkerEntry<Info>> Find(const Kind<Info>& kind, const fs::path& folder, const fs::path& cache) {
  std::map<std::string, std::string> found;
  if (const char* path = std::getenv("BAKEOFF_ENGINE_PATH")) {
    for (const std::string& extra : core::Split(path, ':')) {
      if (!extra.empty()) AddWorkersOf(extra, kind.start, found);
    }
  }
  AddWorkersOf(folder, kind.start, found);

  std::map<std::string, WorkerEntry<Info>> entries;
  for (const auto& [name, reason] : LeftOut(folder / kind.list, kind.key)) {
    entries[name] = {.name = name, .status = EngineStatus::kMissing, .reason = reason};
  }
  std::vector<WorkerEntry<Info>*> stale;
  for (const auto& [name, executable] : found) {
    WorkerEntry<Info>& entry = entries[name] = {.name = name, .executable = executable};
    if (!Remember(kind, entry, cache)) stale.push_back(&entry);
  }
  // Starting a runtime is mostly waiting for the disk: more threads than CPUs help.
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min<size_t>(stale.size(), 8); ++i) {
    threads.emplace_back([&] {
      for (size_t n = next++; n < stale.size(); n = next++) Describe(kind, *stale[n], cache);
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<WorkerEntry<Info>> sorted;
  for (auto& [name, entry] : entries) sorted.push_back(std::move(entry));
  return sorted;
}

std::vector<std::string> NamesOf(const std::vector<EngineEntryStatus>& entries) {
  std::vector<std::string> names;
  for (const EngineEntryStatus& entry : entries) names.push_back(entry.name);
  return names;
}

}  // namespace

fs::path ProgramFolder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path(".") : program.parent_path();
}

std::vector<EngineEntryStatus> Engines() {
  return EnginesIn(ProgramFolder(), core::CacheFolder("describe"));
}
std::vector<EngineEntryStatus> EnginesIn(const fs::path& folder, const fs::path& cache) {
  return Find(kEngineKind, folder, cache);
}

std::vector<HopEntryStatus> Hops() {
  return HopsIn(ProgramFolder(), core::CacheFolder("describe"));
}
std::vector<HopEntryStatus> HopsIn(const fs::path& folder, const fs::path& cache) {
  return Find(kHopKind, folder, cache);
}

std::vector<EngineEntryStatus> SelectEngines(const std::string& list) {
  return Select(Engines(), list);
}

std::vector<EngineEntryStatus> Select(const std::vector<EngineEntryStatus>& known, const std::string& list) {
  std::vector<EngineEntryStatus> selected;
  const auto add = [&](const EngineEntryStatus& entry) {
    if (std::none_of(selected.begin(), selected.end(), [&](const auto& other) { return other.name == entry.name; }))
      selected.push_back(entry);
  };
  for (const std::string& word : core::Split(list, ',')) {
    if (word == "all") {
      for (const EngineEntryStatus& entry : known) {
        if (entry.status == EngineStatus::kPresent && !entry.info.for_testing) add(entry);
      }
      if (selected.empty()) {
        throw Error(ErrorCode::kUnavailable, "no engine is present; `bakeoff engines` tells why and what to do");
      }
      continue;
    }
    const auto entry =
        std::find_if(known.begin(), known.end(), [&](const auto& candidate) { return candidate.name == word; });
    if (entry == known.end()) {
      const auto names = NamesOf(known);
      throw Error(ErrorCode::kNotFound,
                  fmt::format("unknown engine '{}'{}{}", word, core::DidYouMean(word, names),
                              names.empty() ? "" : fmt::format("; there are: {}", core::Join(names, ", "))));
    }
    if (entry->status != EngineStatus::kPresent) {
      throw Error(ErrorCode::kUnavailable,
                  fmt::format("the engine '{}' is {}: {}", word, StatusName(entry->status), entry->reason));
    }
    add(*entry);
  }
  if (selected.empty()) throw Error(ErrorCode::kUsage, "no engine was named; give names or `all`");
  return selected;
}

std::string_view StatusName(EngineStatus status) {
  switch (status) {
    case EngineStatus::kPresent:
      return "present";
    case EngineStatus::kMissing:
      return "missing";
    case EngineStatus::kBroken:
      return "broken";
  }
  return "";
}

}  // namespace bakeoff::worker
