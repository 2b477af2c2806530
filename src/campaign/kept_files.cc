// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Moving what a step made before, by renames alone.
#include "campaign/kept_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "campaign/paths.h"
#include "core/utc_time.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAside = ".kept";

void Move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path());
  fs::remove_all(to, error);
  fs::rename(from, to);
}

bool IsFolder(const Step& step, const fs::path& path) {
  return std::find(step.folders.begin(), step.folders.end(), path) != step.folders.end();
}

}  // namespace

KeptFiles::KeptFiles(fs::path folder, std::function<void(const std::string&)> note)
    : folder_(std::move(folder)), note_(std::move(note)) {}

// Folders whole, and outputs that lie in none of them. What lies elsewhere is not ours to move.
std::vector<fs::path> KeptFiles::PlacesOf(const Step& step) const {
  std::vector<fs::path> places = step.folders;
  for (const fs::path& output : step.outputs) {
    const bool inside = std::any_of(step.folders.begin(), step.folders.end(),
                                    [&](const fs::path& folder) { return Within(output, folder); });
    if (!inside && Within(output, folder_)) places.push_back(output);
  }
  return places;
}

fs::path KeptFiles::AsideOf(const Step& step, const fs::path& path) const {
  return folder_ / kAside / step.name / path.lexically_relative(folder_);
}

fs::path KeptFiles::LogOf(const Step& step) const {
  return folder_ / LogName(step.name);
}

fs::path KeptFiles::EarlierOf(const fs::path& folder, const std::string& key) const {
  return folder_ / "earlier" /
         fmt::format("{}-{}", folder.filename().string(), key.empty() ? core::UtcNow() : key.substr(0, 12));
}

void KeptFiles::ToEarlier(const Step& step, const fs::path& from, const fs::path& folder,
                          const std::string& key) const {
  const fs::path to = EarlierOf(folder, key);
  Move(from, to);
  note_(fmt::format("{}: what an earlier version of the campaign made is now in {}", step.name, to.string()));
}

void KeptFiles::Clear(const Step& step) const {
  std::error_code error;
  fs::remove_all(folder_ / kAside / step.name, error);
  fs::remove(folder_ / kAside, error);  // where it is empty
}

void KeptFiles::MakeRoom(const Step& step, const Entry& entry) const {
  std::error_code error;
  for (const fs::path& place : PlacesOf(step)) {
    if (!fs::exists(place, error)) continue;
    const fs::path aside = AsideOf(step, place);
    if (entry.kept && entry.key.empty() && !fs::exists(aside, error)) {
      Move(place, aside);
    } else if (IsFolder(step, place) && !(entry.kept && entry.kept->key == entry.key)) {
      ToEarlier(step, place, place, entry.key);
    } else {
      fs::remove_all(place, error);
    }
  }
}

void KeptFiles::MakeRoomForResult(const Step& step, const Entry& entry) const {
  std::error_code error;
  for (const fs::path& file : {fs::path(step.json), LogOf(step)}) {
    if (file.empty() || !fs::exists(file, error)) continue;
    const fs::path aside = AsideOf(step, file);
    // What was put back has left the files of a failed attempt in their place.
    if (entry.kept && entry.key.empty() && !fs::exists(aside, error)) {
      Move(file, aside);
    } else if (file == step.json) {
      fs::remove(file, error);
    }
  }
}

void KeptFiles::TakeUp(const Step& step, const std::string& key) const {
  std::error_code error;
  for (const fs::path& folder : step.folders) {
    const fs::path left = EarlierOf(folder, key);
    if (!fs::exists(folder, error) && fs::exists(left, error)) Move(left, folder);
  }
}

bool KeptFiles::Aside(const Step& step) const {
  std::error_code error;
  const auto places = PlacesOf(step);
  return std::any_of(places.begin(), places.end(),
                     [&](const fs::path& place) { return fs::exists(AsideOf(step, place), error); });
}

void KeptFiles::PutBack(const Step& step, const std::string& key) const {
  std::error_code error;
  for (const fs::path& place : PlacesOf(step)) {
    const fs::path aside = AsideOf(step, place);
    if (!fs::exists(aside, error)) continue;
    // An hour of training that came to nothing may go on another time.
    if (IsFolder(step, place) && fs::exists(place, error) && !fs::is_empty(place, error))
      Move(place, EarlierOf(place, key));
    Move(aside, place);
  }
}

fs::path KeptFiles::ResultAside(const Step& step) const {
  std::error_code error;
  if (step.json.empty()) return "";
  const fs::path aside = AsideOf(step, step.json);
  return fs::exists(aside, error) ? aside : fs::path();
}

void KeptFiles::PutBackResult(const Step& step) const {
  std::error_code error;
  for (const fs::path& file : {fs::path(step.json), LogOf(step)}) {
    if (!file.empty() && fs::exists(AsideOf(step, file), error)) Move(AsideOf(step, file), file);
  }
  if (!Aside(step)) Clear(step);
}

void KeptFiles::LetGo(const Step& step, const Entry& kept) const {
  std::error_code error;
  for (const fs::path& folder : step.folders) {
    const fs::path aside = AsideOf(step, folder);
    if (fs::exists(aside, error)) ToEarlier(step, aside, folder, kept.key);
  }
  Clear(step);
}

}  // namespace bakeoff::campaign
