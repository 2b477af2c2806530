// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Locking and clearing the folder of a training.
#include "train/run_folder.h"

#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "bakeoff/error.h"
#include "core/conversion_record.h"
#include "core/file_lock.h"
#include "core/files.h"

namespace bakeoff::train {
namespace {

namespace fs = std::filesystem;

// model.json first: without it the rest is no finished model.
constexpr std::array<std::string_view, 7> kWritten = {"model.json",       "model.pt",         "weights.safetensors",
                                                      "last.safetensors", "best.safetensors", "log.jsonl",
                                                      "formats.json"};
constexpr std::string_view kManifest = "manifest.jsonl";

// core::WriteFileAtomically() writes NAME through ".NAME.PROCESS.COUNT.tmp".
bool IsTemporaryOf(std::string_view file, std::string_view name) {
  if (!file.starts_with(".") || !file.substr(1).starts_with(name) || !file.ends_with(".tmp")) return false;
  file.remove_prefix(1 + name.size()), file.remove_suffix(4);
  return file.size() >= 4 && file[0] == '.' && file.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::vector<fs::path> EntriesOf(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
    entries.push_back(entry->path());
  return entries;
}

void Remove(const fs::path& path) {
  std::error_code failed;
  fs::remove_all(path, failed);
  if (failed) {
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}: of an earlier run, and cannot be removed: {}; give another --out", path.string(),
                            failed.message()));
  }
}

// model.onnx beside its record, model.xml and model.bin with one record, model.savedmodel with its record in it.
void RemoveConversions(const fs::path& folder) {
  for (const fs::path& model : EntriesOf(folder)) {
    if (model.stem() != "model" || model.extension() == ".json") continue;
    std::error_code ignored;
    const fs::path record = core::ConversionRecordPath(model, fs::is_directory(model, ignored));
    if (!fs::exists(record, ignored)) continue;
    if (model.extension() == ".xml") Remove(folder / "model.bin");
    Remove(model), Remove(record);
  }
}

}  // namespace

RunFolder::RunFolder(fs::path path) : path_(std::move(path)), lock_path_(path_ / ".training.lock") {
  std::error_code failed;
  fs::create_directories(path_, failed);
  if (failed) {
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}: cannot make the folder: {}", path_.string(), core::WriteFailure(failed.value())));
  }
  Lock();
  for (const fs::path& entry : EntriesOf(path_)) {
    const std::string name = entry.filename().string();
    if (IsTemporaryOf(name, kManifest) ||
        std::ranges::any_of(kWritten, [&](std::string_view written) { return IsTemporaryOf(name, written); }))
      Remove(entry);
  }
}

RunFolder::~RunFolder() {
  // Under the lock: who opened this very file before finds in Lock() that it is gone, and begins again.
  if (lock_.get() >= 0) unlink(lock_path_.c_str());
}

void RunFolder::Lock() {
  core::LockedFile locked = core::LockFile(lock_path_, LOCK_EX | LOCK_NB);
  switch (locked.state) {
    case core::LockedFile::State::kNotOpened:
      throw Error(ErrorCode::kUnavailable, fmt::format("{}: cannot write into this folder: {}", path_.string(),
                                                       core::WriteFailure(locked.error)));
    case core::LockedFile::State::kHeld:
      throw Error(ErrorCode::kUnavailable,
                  fmt::format("{}: another training is at work in this folder; wait for it, stop it, or give another "
                              "--out",
                              path_.string()));
    case core::LockedFile::State::kNotLocked:
      throw Error(ErrorCode::kUnavailable, fmt::format("{}: cannot be locked: {}; give an --out on another file system",
                                                       lock_path_.string(), std::strerror(locked.error)));
    case core::LockedFile::State::kLocked:
      lock_ = std::move(locked.file);
  }
}

bool RunFolder::HasCheckpoint() const {
  return fs::exists(path_ / "last.safetensors");
}

bool RunFolder::HasModel() const {
  return fs::exists(path_ / "model.json");
}

void RunFolder::BeginAnew(bool with_manifest) const {
  for (const std::string_view name : kWritten) Remove(path_ / name);
  RemoveConversions(path_);
  if (with_manifest) Remove(path_ / kManifest);
}

}  // namespace bakeoff::train
