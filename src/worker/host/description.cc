// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// --describe and its cache: one JSON file per worker, keyed by path, with the identity of worker and runtime libraries
// inside.
#include "worker/host/description.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/text.h"
#include "worker/host/handle.h"
#include "worker/host/process.h"
#include "worker/wire.h"

namespace bakeoff::worker {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kCacheVersion = 3;
constexpr size_t kMostText = 4 << 20;

// A file's identity without reading it. An absent file has one as well: null.
Json Identity(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return nullptr;
  return {{"size", status.st_size},
          {"mtime_ns", status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec},
          {"inode", status.st_ino},
          {"device", status.st_dev}};
}

fs::path EntryPath(const fs::path& cache, const std::string& executable) {
  return cache / fmt::format("{}-{:016x}.json", NameOfWorker(executable), std::hash<std::string>()(executable));
}

// Everything that the process writes to stdout until it closes it.
std::string ReadAllOf(const Process& process, Clock::time_point deadline) {
  std::string text;
  std::array<char, 16384> buffer;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) throw Error(ErrorCode::kTimeout, "");
    pollfd wanted{process.out(), POLLIN, 0};
    if (poll(&wanted, 1, static_cast<int>(std::min<int64_t>(left, 1000))) <= 0) continue;
    const ssize_t got = read(process.out(), buffer.data(), buffer.size());
    if (got == 0) return text;
    if (got < 0 && errno != EINTR && errno != EAGAIN) return text;
    if (got > 0) text.append(buffer.data(), static_cast<size_t>(got));
    if (text.size() > kMostText) throw Error(ErrorCode::kEngineFailed, "its description is longer than 4 MiB");
  }
}

// Runtimes may print a banner in static initialisers: the description is the last line, or the whole text, that is an
// object.
Json ParseDescription(const std::string& text) {
  for (size_t at = text.find('{'); at != std::string::npos; at = text.find("\n{", at + 1)) {
    Json json = Json::parse(text.substr(text[at] == '\n' ? at + 1 : at), nullptr, false);
    if (json.is_object()) return json;
  }
  return nullptr;
}

// What the dynamic loader misses, from "x: error while loading shared libraries: liby.so: cannot open ...".
std::string MissingLibrary(const std::string& text) {
  constexpr std::string_view kBefore = "error while loading shared libraries: ";
  const size_t at = text.find(kBefore);
  if (at == std::string::npos) return "";
  const std::string rest = text.substr(at + kBefore.size());
  return rest.substr(0, rest.find(':'));
}

}  // namespace

Json AskForDescription(const std::string& executable, std::chrono::milliseconds limit,
                       std::vector<std::string>& libraries) {
  const std::string name = NameOfWorker(executable);
  const auto process = Process::Start({.words = {executable, "--describe"}, .name = name});
  process->CloseIn();
  std::string text;
  try {
    text = ReadAllOf(*process, Clock::now() + limit);
  } catch (const Error& error) {
    process->Stop(0ms);
    if (error.code() != ErrorCode::kTimeout) throw;
    throw Error(ErrorCode::kTimeout, fmt::format("gave no description within {} s", limit.count() / 1000));
  }
  process->Stop(2s);
  const std::string tail = LastLines(process->Stderr(), 4);
  if (const std::string library = MissingLibrary(tail); process->exit_code() == 127 && !library.empty()) {
    throw Error(
        ErrorCode::kEngineFailed,
        fmt::format("{} is missing (or this user may not read it); run deps/setup.sh --engines {} and build again",
                    library, name));
  }
  const std::string words =
      tail.empty() ? "" : fmt::format("; it said: {}", core::Join(core::Split(tail, '\n'), " / "));
  if (process->was_killed() || process->exit_code() != 0) {
    throw Error(ErrorCode::kEngineFailed,
                fmt::format("{} when asked for its description{}", process->EndText(), words));
  }
  Json json = ParseDescription(text);
  if (json.is_null()) throw Error(ErrorCode::kEngineFailed, fmt::format("its description is no JSON object{}", words));
  // The page says `info` itself; the reply's form {"info": ..} is understood as well.
  if (!json.contains("name") && json.contains("info")) json = Json(json["info"]);
  const Json said = json.value("name", Json());
  if (!said.is_string()) throw Error(ErrorCode::kEngineFailed, "its description has no 'name'");
  if (said != name) {
    throw Error(ErrorCode::kEngineFailed,
                fmt::format("it calls itself '{}', but its file is {}", said.get<std::string>(),
                            fs::path(executable).filename().string()));
  }
  if (json.contains("libraries") && json["libraries"].is_array()) {
    for (const Json& library : json["libraries"]) {
      if (library.is_string()) libraries.push_back(library.get<std::string>());
    }
  }
  json.erase("libraries");
  return json;
}

std::optional<Json> RememberedDescription(const fs::path& cache, const std::string& executable) {
  try {
    const Json entry = Json::parse(core::ReadFile(EntryPath(cache, executable), kMostText), nullptr, false);
    if (!entry.is_object() || entry.value("version", 0) != kCacheVersion ||
        entry.value("protocol", 0u) != kProtocolVersion)
      return std::nullopt;
    const Json& files = entry.at("files");
    if (!files.is_object() || !files.contains(executable)) return std::nullopt;
    for (const auto& [path, identity] : files.items()) {
      if (identity.is_null() || Identity(path) != identity) return std::nullopt;
    }
    return entry.at("info");
  } catch (const std::exception&) {
    return std::nullopt;  // absent, foreign or damaged: all the same, it is asked again
  }
}

void RememberDescription(const fs::path& cache, const std::string& executable, const Json& info,
                         const std::vector<std::string>& libraries) {
  Json files = Json::object();
  files[executable] = Identity(executable);
  for (const std::string& library : libraries) files[library] = Identity(library);
  const Json entry = {{"version", kCacheVersion}, {"protocol", kProtocolVersion}, {"files", files}, {"info", info}};
  try {
    fs::create_directories(cache);
    core::WriteFileAtomically(EntryPath(cache, executable), entry.dump(1, ' ', false, Json::error_handler_t::replace));
  } catch (const std::exception& error) {
    spdlog::debug("the description of {} is not remembered: {}", executable, error.what());
  }
}

}  // namespace bakeoff::worker
