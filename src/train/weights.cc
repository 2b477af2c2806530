// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Comparing state dicts with a network, and loading them.
#include "train/weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "bakeoff/error.h"
#include "bakeoff/tensor.h"

namespace bakeoff::train {
namespace {

std::string TextOf(c10::IntArrayRef sizes) {
  return ShapeText(Shape(sizes.begin(), sizes.end()));
}

bool IsCounter(const std::string& name) {
  return name.ends_with("num_batches_tracked");
}

std::string ListText(const char* kind, const std::vector<std::string>& names, size_t most) {
  if (names.empty()) return "";
  const std::vector<std::string> shown(names.begin(),
                                       names.begin() + static_cast<ptrdiff_t>(std::min(most, names.size())));
  const std::string rest = names.size() > most ? fmt::format(" and {} more", names.size() - most) : "";
  return fmt::format("\n  {}: {}{}", kind, fmt::join(shown, ", "), rest);
}

}  // namespace

StateDict StateOf(const torch::nn::Module& module) {
  StateDict state;
  for (const auto& item : module.named_parameters()) state.emplace(item.key(), item.value().detach());
  for (const auto& item : module.named_buffers()) state.emplace(item.key(), item.value().detach());
  return state;
}

std::string FirstNotFinite(const StateDict& state) {
  for (const auto& [name, tensor] : state) {
    if (!tensor.is_floating_point()) continue;
    // The sum reads memory once and makes nothing; only where it overflows is every element looked at.
    if (std::isfinite(tensor.sum().item<double>())) continue;
    if (!torch::isfinite(tensor).all().item<bool>()) return name;
  }
  return "";
}

std::string FitReport::Text(size_t most) const {
  return ListText("missing", missing, most) + ListText("unexpected", unexpected, most) +
         ListText("of other shape", other_shape, most);
}

FitReport CompareWeights(const torch::nn::Module& module, const StateDict& state, const std::string& ignored_prefix) {
  const auto ignored = [&](const std::string& name) {
    return !ignored_prefix.empty() && name.starts_with(ignored_prefix);
  };
  FitReport report;
  const StateDict own = StateOf(module);
  for (const auto& [name, tensor] : own) {
    if (ignored(name)) continue;
    const auto found = state.find(name);
    if (found == state.end()) {
      if (!IsCounter(name)) report.missing.push_back(name);
    } else if (found->second.sizes() != tensor.sizes()) {
      report.other_shape.push_back(fmt::format("{} ({} in the file, {} in the network)", name,
                                               TextOf(found->second.sizes()), TextOf(tensor.sizes())));
    }
  }
  for (const auto& [name, tensor] : state) {
    if (!ignored(name) && !own.contains(name) && !IsCounter(name)) report.unexpected.push_back(name);
  }
  return report;
}

void LoadWeights(torch::nn::Module& module, const StateDict& state, const std::string& ignored_prefix) {
  const FitReport report = CompareWeights(module, state, ignored_prefix);
  if (!report.fits()) {
    throw Error(ErrorCode::kInvalidModel, "the weights do not fit this network" + report.Text());
  }
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : StateOf(module)) {
    const auto found = state.find(name);
    if (found == state.end() || (!ignored_prefix.empty() && name.starts_with(ignored_prefix))) continue;
    torch::Tensor target = tensor;
    target.copy_(found->second);
  }
}

}  // namespace bakeoff::train
