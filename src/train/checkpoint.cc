// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Checkpoints: three state dicts and a JSON text in one safetensors file.
#include "train/checkpoint.h"

#include <ATen/Version.h>
#include <fmt/format.h>

#include "bakeoff/error.h"

namespace bakeoff::train {
namespace {

constexpr int kVersion = 1;
constexpr const char* kProgress = "progress";

void Put(StateDict& all, const char* prefix, const StateDict& part) {
  for (const auto& [name, tensor] : part) all.emplace(prefix + name, tensor);
}

}  // namespace

void SaveCheckpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  StateDict all;
  Put(all, "network/", checkpoint.network);
  Put(all, "optimizer/", checkpoint.optimizer);
  Put(all, "average/", checkpoint.average);
  Json progress = checkpoint.progress;
  progress["version"] = kVersion;
  WriteSafetensors(path, all, {{kProgress, progress.dump()}});
}

std::optional<Checkpoint> LoadCheckpoint(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  std::map<std::string, std::string> metadata;
  Checkpoint checkpoint;
  for (auto& [name, tensor] : ReadWeights(path, &metadata)) {
    const size_t slash = name.find('/');
    const std::string prefix = name.substr(0, slash), rest = slash == std::string::npos ? "" : name.substr(slash + 1);
    StateDict* part = prefix == "network"     ? &checkpoint.network
                      : prefix == "optimizer" ? &checkpoint.optimizer
                      : prefix == "average"   ? &checkpoint.average
                                              : nullptr;
    if (part == nullptr)
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("{}: no checkpoint of Bakeoff (tensor '{}')", path.string(), name));
    part->emplace(rest, tensor);
  }
  checkpoint.progress = Json::parse(metadata[kProgress], nullptr, false);
  if (!checkpoint.progress.is_object() || checkpoint.progress.value("version", 0) != kVersion) {
    throw Error(
        ErrorCode::kInvalidModel,
        fmt::format("{}: a checkpoint without progress, or of another version than {}", path.string(), kVersion));
  }
  return checkpoint;
}

std::string CpuLevel() {
  return at::get_cpu_capability();
}

}  // namespace bakeoff::train
