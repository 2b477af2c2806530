// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The weights inside a TorchScript file, read with LibTorch.
#include "train/torch_script.h"

#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/format_probe.h"
#include "core/text.h"
#include "train/torch_archive.h"

namespace bakeoff::train {

bool IsTorchScript(const std::filesystem::path& path) {
  const auto names = core::ZipNames(path);
  return names && std::any_of(names->begin(), names->end(),
                              [](const std::string& name) { return name.ends_with("/constants.pkl"); });
}

StateDict ReadTorchScript(const std::filesystem::path& path) {
  CheckRecordSizes(path);
  StateDict state;
  try {
    const torch::jit::Module module = torch::jit::load(path.string(), c10::kCPU);
    for (const auto& item : module.named_parameters()) state.emplace(item.name, item.value.detach());
    for (const auto& item : module.named_buffers()) state.emplace(item.name, item.value.detach());
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("{}: not readable as TorchScript: {}", path.string(),
                                                      core::Brief(error.what_without_backtrace(), 160)));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: not readable as TorchScript: {}", path.string(), core::Brief(error.what(), 160)));
  }
  if (state.empty()) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: TorchScript without named weights (frozen?); give the state dict", path.string()));
  }
  return state;
}

}  // namespace bakeoff::train
