// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pairs inputs and outputs of models that call them differently.
#include "verify/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::verify {
namespace {

std::vector<std::string> SortedNames(const Ports& ports) {
  std::vector<std::string> names;
  for (const Port& port : ports) names.push_back(port.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<int64_t> Counts(const Ports& ports) {
  std::vector<int64_t> counts;
  for (const Port& port : ports) counts.push_back(ElementCount(port.canonical));
  return counts;
}

}  // namespace

Ports PortsOf(const Artifact& artifact, const std::vector<TensorSpec>& specs, const std::map<std::string, Shape>& shapes) {
  Ports ports;
  for (const TensorSpec& spec : specs) {
    Port port{.name = spec.name, .type = spec.type, .shape = shapes.at(spec.name), .layout = {}, .canonical = {}};
    port.layout = LayoutOf(artifact, spec.name, port.shape.size());
    port.canonical = Permuted(port.shape, CanonicalAxes(port.layout, port.shape.size()));
    ports.push_back(std::move(port));
  }
  return ports;
}

std::optional<std::vector<size_t>> Pair(const Ports& reference, const Ports& mine) {
  if (reference.size() != mine.size()) return std::nullopt;
  std::vector<size_t> pairs(mine.size());
  const auto names = SortedNames(reference);
  const bool distinct = std::adjacent_find(names.begin(), names.end()) == names.end();
  if (distinct && names == SortedNames(mine)) {
    for (size_t i = 0; i < mine.size(); ++i) {
      const auto found = std::find_if(reference.begin(), reference.end(), [&](const Port& port) { return port.name == mine[i].name; });
      pairs[i] = static_cast<size_t>(found - reference.begin());
    }
    return pairs;
  }
  const auto theirs = Counts(reference);
  const auto ours = Counts(mine);
  std::iota(pairs.begin(), pairs.end(), size_t{0});
  if (theirs == ours) return pairs;
  for (size_t i = 0; i < ours.size(); ++i) {
    const auto found = std::find(theirs.begin(), theirs.end(), ours[i]);
    if (found == theirs.end() || std::count(theirs.begin(), theirs.end(), ours[i]) != 1 || std::count(ours.begin(), ours.end(), ours[i]) != 1) return std::nullopt;
    pairs[i] = static_cast<size_t>(found - theirs.begin());
  }
  return pairs;
}

std::string PortsText(const Ports& ports) {
  std::vector<std::string> parts;
  for (const Port& port : ports) {
    std::string text = fmt::format("{} {} {}", port.name, DTypeName(port.type), ShapeText(port.shape));
    if (!port.layout.axes.empty()) text += fmt::format(" ({}{})", port.layout.axes, port.layout.assumed ? ", assumed" : "");
    parts.push_back(std::move(text));
  }
  return core::Join(parts, ", ");
}

int64_t BatchOf(const Ports& inputs, const std::vector<TensorSpec>& specs) {
  for (size_t i = 0; i < inputs.size() && i < specs.size(); ++i) {
    if (!specs[i].shape.empty() && specs[i].shape[0] == kFree && !inputs[i].shape.empty()) return inputs[i].shape[0];
  }
  for (const Port& port : inputs) {
    if (port.layout.axes.find('N') != std::string::npos) return BatchOf(port.shape, port.layout);
  }
  return 1;
}

}  // namespace bakeoff::verify
