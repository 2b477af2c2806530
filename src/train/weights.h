// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// State dicts: reading .safetensors and torchvision's .pth, writing .safetensors, and putting them into a network.
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bakeoff::train {

// Parameters and buffers by name, as torch's state_dict() in Python.
using StateDict = std::map<std::string, torch::Tensor>;

// Detached, sharing memory with the module.
StateDict StateOf(const torch::nn::Module& module);

// Reads by content: safetensors, TorchScript, or a zip archive written by torch.save (a state dict, or a dict that has
// one under "state_dict" or "model"). Throws Error: kNotFound, kInvalidModel naming the file and what is wrong with it.
// `metadata`, when given, gets the file's __metadata__.
StateDict ReadWeights(const std::filesystem::path& path, std::map<std::string, std::string>* metadata = nullptr);

// Name of the first tensor that has a NaN or an infinity; "" where all are finite.
std::string FirstNotFinite(const StateDict& state);

// Atomic. `metadata` becomes __metadata__. Tensors are written contiguous, in name order, so equal weights give
// equal bytes. Throws Error{kUnavailable} naming the file (disk full); an existing file then survives.
void WriteSafetensors(const std::filesystem::path& path, const StateDict& state,
                      const std::map<std::string, std::string>& metadata = {});

// What did not fit, by name; shapes as "64x3x7x7 in the file, 64x3x3x3 in the network".
struct FitReport {
  std::vector<std::string> missing, unexpected, other_shape;
  bool fits() const { return missing.empty() && unexpected.empty() && other_shape.empty(); }
  // One line each, at most `most` names a kind.
  std::string Text(size_t most = 8) const;
};

// Compares without changing anything. Names that start with `ignored_prefix` (a head that will be replaced) are left
// out when it is not empty; counters (num_batches_tracked) may be missing.
FitReport CompareWeights(const torch::nn::Module& module, const StateDict& state,
                         const std::string& ignored_prefix = "");
// CompareWeights(), then copies. Throws Error{kInvalidModel} with the report's text, having changed nothing, when they
// do not fit.
void LoadWeights(torch::nn::Module& module, const StateDict& state, const std::string& ignored_prefix = "");

}  // namespace bakeoff::train
