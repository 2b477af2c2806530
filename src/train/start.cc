// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Weights to start from, out of files, model folders and checkpoints.
#include "train/start.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/model_folder.h"
#include "train/checkpoint.h"
#include "train/model_folder_writer.h"
#include "train/trace.h"

namespace bakeoff::train {
namespace {

namespace fs = std::filesystem;

fs::path WeightsIn(const fs::path& folder) {
  if (fs::exists(folder / "model.json")) {
    const Json told = core::ReadModelFolder(folder).whole;
    const fs::path name = told.value("weights", "weights.safetensors");
    // As for `file`: nothing outside the folder is meant.
    if (name.empty() || name.is_absolute() || *name.lexically_normal().begin() == "..")
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("{}: 'weights' leads out of the folder", (folder / "model.json").string()));
    return folder / name;
  }
  for (const char* name : {"best.safetensors", "last.safetensors", "weights.safetensors"}) {
    if (fs::exists(folder / name)) return folder / name;
  }
  throw Error(ErrorCode::kNotFound,
              fmt::format("{}: a folder without model.json and without checkpoints; give a weights file or a model "
                          "folder",
                          folder.string()));
}

bool IsCheckpoint(const StateDict& state) {
  return !state.empty() && std::ranges::all_of(state, [](const auto& entry) {
    return entry.first.starts_with("network/") || entry.first.starts_with("optimizer/") ||
           entry.first.starts_with("average/");
  });
}

}  // namespace

Start Start::Read(const std::string& path) {
  std::error_code ignored;
  Start start{.file = fs::is_directory(path, ignored) ? WeightsIn(path) : fs::path(path), .state = {}};
  std::map<std::string, std::string> metadata;
  start.state = ReadWeights(start.file, &metadata);
  if (IsCheckpoint(start.state)) {
    auto checkpoint = LoadCheckpoint(start.file);
    if (!checkpoint) throw Error(ErrorCode::kNotFound, start.file.string() + ": it has just gone");
    start.state = std::move(checkpoint->average.empty() ? checkpoint->network : checkpoint->average);
    start.form = checkpoint->progress.value("options", Json::object());
    start.form["classes"] = checkpoint->progress.value("classes", Json::array());
  } else {
    start.form = Json::parse(metadata[kFormMetadata], nullptr, false);
  }
  if (!start.form.is_object()) start.form = Json::object();
  return start;
}

Json Start::WithForm(Json given) const {
  for (const char* field : {"arch", "image_size", "width", "small_stem"}) {
    if (!given.contains(field) && form.contains(field)) given[field] = form[field];
  }
  const auto stem = state.find("conv1.weight");
  if (!given.contains("small_stem") && stem != state.end() && stem->second.dim() == 4)
    given["small_stem"] = stem->second.size(3) == 3;
  return given;
}

// Our own TorchScript has flat names, which do not tell where the dots were; the network does.
StateDict Start::NamedAs(const zoo::Classifier& network) const {
  const bool flat =
      std::ranges::none_of(state, [](const auto& entry) { return entry.first.find('.') != std::string::npos; });
  if (!flat) return state;
  StateDict named = state;
  for (const auto& [name, tensor] : StateOf(network)) {
    auto entry = named.extract(FlatName(name));
    if (entry.empty()) continue;
    entry.key() = name;
    named.insert(std::move(entry));
  }
  return named;
}

bool Start::LoadInto(zoo::Classifier& network, bool replace_head) const {
  const StateDict named = NamedAs(network);
  const bool whole = !replace_head || CompareWeights(network, named).fits();
  try {
    LoadWeights(network, named, whole ? "" : network.HeadPrefix());
    return whole;
  } catch (const Error& error) {
    throw error.With(file.string());
  }
}

int64_t Start::ClassesOf(const zoo::Classifier& network) const {
  const StateDict named = NamedAs(network);
  const auto head = named.find(network.HeadPrefix() + "bias");
  if (head == named.end()) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: no tensor '{}bias', so the class count is unknown; is it of this network?",
                            file.string(), network.HeadPrefix()));
  }
  return head->second.numel();
}

}  // namespace bakeoff::train
